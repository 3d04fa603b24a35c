using System.Globalization;
using Smarter.SampleData;
using Smarter.SampleData.Compare;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const string usage = """
    Smarter.SampleData generate --students N | --rows N  --tenant T [--state ST] --out DIR [--seed 1] [--year 2016]
                                [--types summative,ica,iab,registration] [--errors PERCENT]
    Smarter.SampleData pack --csv F --json F --out F.tar.gz.gpg --homedir H --signer K --recipient R
                            [--passphrase-file F]
    Smarter.SampleData compare --site URL --jar FILE --state ST --csv DIR [--csv DIR...] [--min-cell N] [--year Y]
                               [--school-pages 20] [--pages no] [--filters no]
    """;
try
{
    return args switch
    {
        ["generate", .. var words] => GenerateCommand.Run(words),
        ["pack", .. var words] => await PackCommand.RunAsync(words),
        ["compare", .. var words] => await CompareCommand.RunAsync(words, Console.Out, CancellationToken.None),
        _ => throw new UsageException("a verb is missing"),
    };
}
catch (UsageException problem)
{
    Console.Error.WriteLine(problem.Message);
    Console.Error.WriteLine(usage);
    return 2;
}

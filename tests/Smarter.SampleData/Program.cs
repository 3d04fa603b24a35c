using System.Globalization;
using Smarter.SampleData;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const string usage = """
    Smarter.SampleData generate --students N | --rows N  --tenant T [--state ST] --out DIR [--seed 1] [--year 2016]
                                [--types summative,ica,iab,registration] [--errors PERCENT]
    Smarter.SampleData pack --csv F --json F --out F.tar.gz.gpg --homedir H --signer K --recipient R
                            [--passphrase-file F]
    """;
try
{
    return args switch
    {
        ["generate", .. var words] => GenerateCommand.Run(words),
        ["pack", .. var words] => await PackCommand.RunAsync(words),
        _ => throw new UsageException("a verb is missing"),
    };
}
catch (UsageException problem)
{
    Console.Error.WriteLine(problem.Message);
    Console.Error.WriteLine(usage);
    return 2;
}

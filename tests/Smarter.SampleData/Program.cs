using System.Globalization;
using Smarter.SampleData;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const string usage = """
    Smarter.SampleData generate --students N | --rows N  --tenant T [--state ST] --out DIR [--seed 1] [--year 2016]
                                [--types summative,ica,iab,registration] [--errors PERCENT]
    """;
try
{
    return args switch
    {
        ["generate", .. var words] => GenerateCommand.Run(words),
        _ => throw new UsageException("a verb is missing"),
    };
}
catch (UsageException problem)
{
    Console.Error.WriteLine(problem.Message);
    Console.Error.WriteLine(usage);
    return 2;
}

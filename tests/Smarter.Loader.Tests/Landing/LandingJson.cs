using System.Text.Json.Nodes;

namespace Smarter.Loader.Tests.Landing;

/// <summary>Makes the JSON of the assessment that <see cref="LandingCsv"/> has rows of.</summary>
internal static class LandingJson
{
    private const string Good = """
        {
          "Content": "assessment",
          "Identification": {
            "Guid": "wy-math", "Type": "SUMMATIVE", "Year": 2016, "Period": "Spring 2016",
            "Version": "1.0", "Subject": "Math",
            "EffectiveDate": "20160401"
          },
          "Overall": { "MinScore": 2000, "MaxScore": 3000 },
          "PerformanceLevels": {
            "Level1": { "Name": "Level 1", "CutPoint": 2000 }, "Level2": { "Name": "Level 2", "CutPoint": 2381 },
            "Level3": { "Name": "Level 3", "CutPoint": 2436 }, "Level4": { "Name": "Level 4", "CutPoint": "2501" },
            "Level5": { "Name": "", "CutPoint": "" }
          },
          "Claims": {
            "Claim1": { "Name": "Concepts and Procedures", "MinScore": 2000, "MaxScore": 3000 },
            "Claim2": { "Name": "Problem Solving", "MinScore": 2000, "MaxScore": 3000 },
            "Claim3": { "Name": "Communicating Reasoning", "MinScore": 2000, "MaxScore": 3000 },
            "Claim4": { "Name": "", "MinScore": "", "MaxScore": "" }
          },
          "ClaimsPerformanceLevel": {
            "Level1": { "Name": "Below" }, "Level2": { "Name": "Near" }, "Level3": { "Name": "Above" }
          }
        }
        """;

    /// <returns>The JSON with some values changed.</returns>
    /// <param name="changes">Path such as <c>Overall.MinScore</c>,
    /// and what stands there; null takes the member away.</param>
    public static string File(params (string Path, JsonNode? Value)[] changes) => Changed(Good, changes);

    /// <returns>Any JSON object, changed in the same way.</returns>
    public static string Changed(string json, params (string Path, JsonNode? Value)[] changes)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        foreach (var (path, value) in changes)
        {
            var names = path.Split('.');
            var parent = root;
            foreach (var name in names[..^1])
                parent = (parent[name] ??= new JsonObject()).AsObject();
            if (value is null)
                parent.Remove(names[^1]);
            else
                parent[names[^1]] = value;
        }
        return root.ToJsonString();
    }
}

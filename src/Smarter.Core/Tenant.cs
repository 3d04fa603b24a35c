using System.Text.RegularExpressions;

namespace Smarter.Core;

/// <summary>One state's warehouse: its short name in folders and settings, and the state whose data it holds.</summary>
/// <param name="Name">Lower-case letters, digits and hyphens, 1 to 32 characters, such as <c>nc</c>.</param>
/// <param name="StateCode">Two upper-case letters, such as <c>NC</c>.</param>
public sealed partial record Tenant(string Name, string StateCode)
{
    /// <summary>Whether <paramref name="name"/> may name a tenant; names reach folders, sequences and queues.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,31}\z")]
    private static partial Regex NamePattern();
}

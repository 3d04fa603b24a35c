using System.Diagnostics;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A shell script that stands in for a program.</summary>
internal static class Script
{
    /// <returns>Its path.</returns>
    public static async Task<string> WriteAsync(DirectoryInfo folder, string name, params string[] lines)
    {
        var path = Path.Combine(folder.FullName, name);
        await File.WriteAllTextAsync(path, string.Concat(lines.Prepend("#!/bin/sh").Select(line => line + "\n")));
        await Process.Start("chmod", ["755", path]).WaitForExitAsync();
        return path;
    }
}

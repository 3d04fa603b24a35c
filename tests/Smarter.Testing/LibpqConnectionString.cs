using System.Text;
using Npgsql;

namespace Smarter.Testing;

/// <summary>The form in which <c>.run/env</c> names databases: <c>host=… port=… dbname=… user=… password=…</c>, or a
/// <c>postgresql://</c> address.</summary>
public static class LibpqConnectionString
{
    /// <summary>Reads either form; a value may stand in single quotes, with <c>\</c> before <c>'</c> and
    /// <c>\</c>.</summary>
    /// <exception cref="FormatException">The text is neither form, or has a keyword other than the five
    /// above.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text) =>
        text.StartsWith("postgres://", StringComparison.Ordinal)
        || text.StartsWith("postgresql://", StringComparison.Ordinal)
            ? FromAddress(new Uri(text))
            : FromKeywords(text);

    private static NpgsqlConnectionStringBuilder FromAddress(Uri address)
    {
        var user = address.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.IsDefaultPort || address.Port < 0 ? 5432 : address.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null,
            Database =
                address.AbsolutePath.Trim('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : "postgres",
        };
    }

    private static NpgsqlConnectionStringBuilder FromKeywords(string text)
    {
        var connection = new NpgsqlConnectionStringBuilder();
        var at = 0;
        while (SkipBlanks(text, ref at))
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
                throw new FormatException("A libpq connection string consists of keyword=value pairs.");
            var keyword = text[at..equals].Trim();
            at = equals + 1;
            SkipBlanks(text, ref at);
            connection[NpgsqlName(keyword)] = ReadValue(text, ref at);
        }
        return connection;
    }

    private static string NpgsqlName(string keyword) => keyword switch
    {
        "host" or "hostaddr" => "Host",
        "port" => "Port",
        "dbname" => "Database",
        "user" => "Username",
        "password" => "Password",
        _ => throw new FormatException($"The libpq keyword '{keyword}' is not understood here."),
    };

    private static bool SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at < text.Length;
    }

    private static string ReadValue(string text, ref int at)
    {
        var quoted = at < text.Length && text[at] == '\'';
        if (quoted)
            at++;
        var value = new StringBuilder();
        for (; at < text.Length; at++)
        {
            if (quoted ? text[at] == '\'' : char.IsWhiteSpace(text[at]))
                break;
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }
        if (quoted)
            at++;
        return value.ToString();
    }
}

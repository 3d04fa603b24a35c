using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>A CSV of which the header and the first block of rows are read, and fit each other.</summary>
internal sealed record CsvStart(CsvBlockReader Reader, CsvHeader Header, CsvBlock FirstBlock)
{
    /// <param name="layout">The columns that the header may name.</param>
    /// <exception cref="FileRejectedException">3003 to 3011.</exception>
    public static async Task<CsvStart> ReadAsync(Stream csv, CsvLayout layout, CancellationToken cancellation)
    {
        var reader = new CsvBlockReader(csv);
        var header = CsvHeader.Parse(await reader.ReadHeaderAsync(cancellation), layout);
        var first = await reader.ReadBlockAsync(cancellation)
            ?? throw new FileRejectedException(ErrorCode.FileHasNoData, "The CSV has a header and no rows.");
        RequireFirstRowToFit(header, first);
        return new CsvStart(reader, header, first);
    }

    private static void RequireFirstRowToFit(CsvHeader header, CsvBlock block)
    {
        var row = block.Bytes.AsSpan(block.Rows[0]);
        if (new CsvRow(header.CanonicalOfFileColumn.Count).Split(row) is var width and > 0
            && width != header.CanonicalOfFileColumn.Count)
            throw new FileRejectedException(
                ErrorCode.HeadersMismatchData, "Row 1 does not have as many values as the header.");
    }
}

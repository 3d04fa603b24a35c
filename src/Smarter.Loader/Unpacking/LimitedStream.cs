using Smarter.Core;

namespace Smarter.Loader.Unpacking;

/// <summary>Refuses a file that unpacks to more than it may, at the first byte too many.</summary>
internal sealed class LimitedStream(Stream inner, long allowedBytes) : ReadOnlyStream
{
    private long left = allowedBytes;

    public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await inner.ReadAsync(buffer, cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Counted(int read) => (left -= read) >= 0
        ? read
        : throw new FileRejectedException(
            ErrorCode.ArchiveTooLarge, "The archive unpacks to far more than a landing file does.");
}

using System.Formats.Tar;
using System.IO.Compression;
using Smarter.Core;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Unpacking;

/// <summary>How far an archive may grow before it is taken for an attack.</summary>
public sealed class ArchiveLimits
{
    public const string Section = "Archive";

    /// <summary>Unpacked bytes for each byte of the delivered file, counted after the first <see cref="FreeBytes"/>.
    /// Default 200; real landing files pack 6 to 30 times.</summary>
    [System.ComponentModel.DataAnnotations.Range(2, 10_000)]
    public int MaxRatio { get; init; } = 200;

    /// <summary>Unpacked bytes that are allowed whatever the ratio. Default 16 MiB.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, long.MaxValue)]
    public long FreeBytes { get; init; } = 16L << 20;

    /// <summary>Unpacked bytes allowed at all. Default 32 GiB.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, long.MaxValue)]
    public long MaxBytes { get; init; } = 32L << 30;

    /// <summary>Entries of the tar, folders included. Default 16.</summary>
    [System.ComponentModel.DataAnnotations.Range(2, 1000)]
    public int MaxMembers { get; init; } = 16;

    /// <summary>Bytes of the JSON and of the <c>.err</c> file, which are held in memory. Default 1 MiB.</summary>
    [System.ComponentModel.DataAnnotations.Range(1024, 64 << 20)]
    public int MaxJsonBytes { get; init; } = 1 << 20;

    /// <returns>How many bytes a file of <paramref name="deliveredBytes"/> may unpack to.</returns>
    internal long AllowedBytes(long deliveredBytes) => Math.Min(MaxBytes, FreeBytes + deliveredBytes * MaxRatio);
}

/// <summary>The kinds of file that an archive holds (loader.md §2.1).</summary>
internal enum MemberKind { Csv, Json, Err }

/// <summary>One file of the archive; its content must be read before the next one is asked for.</summary>
internal sealed record ArchiveMember(MemberKind Kind, string Name, long Length, Stream Content)
{
    /// <returns>The whole content, of a JSON or <c>.err</c> file.</returns>
    public async Task<byte[]> ReadBytesAsync(CancellationToken cancellation)
    {
        var content = new byte[Length];
        await Content.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation);
        return content;
    }
}

/// <summary>
/// Reads a gzip-compressed tar from a stream, one member after the other, and writes nothing anywhere.
/// Folders before a name are dropped; every other oddity refuses the archive (loader.md §2.1).
/// </summary>
internal sealed class LandingArchive : IAsyncDisposable
{
    private readonly LimitedStream unpacked;
    private readonly TarReader tar;
    private readonly ArchiveLimits limits;
    private readonly HashSet<MemberKind> seen = [];
    private int entries;
    private MemberContent? current;
    private long currentLength;

    /// <param name="compressed">The gzip bytes.</param>
    /// <param name="deliveredBytes">Size of the delivered file,
    /// the measure of <see cref="ArchiveLimits.MaxRatio"/>.</param>
    public LandingArchive(Stream compressed, long deliveredBytes, ArchiveLimits limits)
    {
        this.limits = limits;
        unpacked = new LimitedStream(
            new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true),
            limits.AllowedBytes(deliveredBytes));
        tar = new TarReader(unpacked);
    }

    /// <returns>The next member; null after the last.</returns>
    /// <exception cref="FileRejectedException">5020 to 5024 or 3010; the place is the member's name as
    /// <see cref="ShownName"/>.</exception>
    public async Task<ArchiveMember?> NextAsync(CancellationToken cancellation)
    {
        await FinishCurrentAsync(cancellation);
        while (await ReadEntryAsync(cancellation) is { } entry)
        {
            if (++entries > limits.MaxMembers)
                throw new FileRejectedException(
                    ErrorCode.ArchiveTooLarge, $"The archive has more than {limits.MaxMembers} members.");
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
                continue;
            var name = SafeName(entry);
            if (entry.EntryType is TarEntryType.Directory)
                continue;
            return Open(entry, name);
        }
        return seen.Contains(MemberKind.Json) && (seen.Contains(MemberKind.Csv) || seen.Contains(MemberKind.Err))
            ? null
            : throw new FileRejectedException(
                ErrorCode.MembersUnexpected, "The archive must hold one .json and one .csv file.");
    }

    /// <summary>Reads one member after the other, then asks who sent them. A member that is refused is told only when
    /// the archive came whole and from the right sender: these are the better answers.</summary>
    /// <param name="read">Reads a member.</param>
    /// <param name="verify">Judges the sender, after the last byte.</param>
    /// <exception cref="FileRejectedException">5020 to 5024, 3010, or what <paramref name="read"/> or
    /// <paramref name="verify"/> refuses.</exception>
    public async Task ReadAllAsync(
        Func<ArchiveMember, CancellationToken, Task> read, Func<CancellationToken, Task> verify,
        CancellationToken cancellation)
    {
        try
        {
            while (await NextAsync(cancellation) is { } member)
                await read(member, cancellation);
        }
        catch (FileRejectedException fault) when (fault.Code != ErrorCode.ArchiveTooLarge)
        {
            var damage = await FindDamageAsync(cancellation);
            await verify(cancellation);
            if (damage is not null)
                throw damage;
            throw;
        }
        await verify(cancellation);
    }

    /// <summary>Reads what is left, without a look at its members; nothing can be read afterwards.</summary>
    /// <returns>The refusal of a broken or much too large archive; null when it came whole.</returns>
    private async Task<FileRejectedException?> FindDamageAsync(CancellationToken cancellation)
    {
        try
        {
            await FinishCurrentAsync(cancellation);
            await unpacked.CopyToAsync(Stream.Null, cancellation);
            return null;
        }
        catch (InvalidDataException)
        {
            return Damaged();
        }
        catch (FileRejectedException damagedOrTooLarge)
        {
            return damagedOrTooLarge;
        }
    }

    public ValueTask DisposeAsync() => tar.DisposeAsync();

    private async Task<TarEntry?> ReadEntryAsync(CancellationToken cancellation)
    {
        try
        {
            return await tar.GetNextEntryAsync(copyData: false, cancellation);
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw Damaged();
        }
    }

    private ArchiveMember Open(TarEntry entry, string name)
    {
        var shown = ShownName.Of(name);
        var kind = Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" => MemberKind.Csv,
            ".json" => MemberKind.Json,
            ".err" => MemberKind.Err,
            _ => throw new FileRejectedException(
                ErrorCode.FileTypeNotSupported,
                $"The archive holds {shown}: only .csv, .json and .err are taken.",
                shown),
        };
        if (!seen.Add(kind))
            throw new FileRejectedException(
                ErrorCode.MembersUnexpected,
                $"The archive holds a second {kind.ToString().ToLowerInvariant()} file: {shown}.",
                shown);
        if (kind != MemberKind.Csv && entry.Length > limits.MaxJsonBytes)
            throw new FileRejectedException(
                ErrorCode.ArchiveTooLarge, $"{shown} is larger than {limits.MaxJsonBytes} bytes.", shown);
        current = new MemberContent(entry.DataStream ?? Stream.Null);
        currentLength = entry.Length;
        return new ArchiveMember(kind, name, entry.Length, current);
    }

    /// <summary>A tar that ends inside a member yields a short stream without an error:
    /// only the length tells.</summary>
    private async Task FinishCurrentAsync(CancellationToken cancellation)
    {
        if (current is null)
            return;
        await current.CopyToAsync(Stream.Null, cancellation);
        if (current.Count != currentLength)
            throw Damaged();
        current = null;
    }

    /// <returns>The member's base name.</returns>
    private static string SafeName(TarEntry entry)
    {
        var name = entry.Name;
        var shown = ShownName.Of(name);
        var segments = name.Split('/', '\\');
        if (name.Length == 0 || name[0] is '/' or '\\' || name is [_, ':', ..] || segments.Contains(".."))
            throw new FileRejectedException(
                ErrorCode.MemberNameUnsafe, $"The archive holds an unsafe name: {shown}.", shown);
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.Directory))
            throw new FileRejectedException(
                ErrorCode.MemberNotAFile, $"{shown} is a {entry.EntryType}, not a file.", shown);
        return entry.EntryType is TarEntryType.Directory ? "" : segments[^1];
    }

    private static FileRejectedException Damaged() =>
        new(ErrorCode.ArchiveDamaged, "The archive is not a gzip-compressed tar, or it is cut off.");

    /// <summary>Counts a member's bytes; whoever reads it meets damage of the archive as a refusal (5020).</summary>
    private sealed class MemberContent(Stream inner) : ReadOnlyStream
    {
        public long Count { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return Counted(inner.Read(buffer));
            }
            catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException)
            {
                throw Damaged();
            }
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return Counted(await inner.ReadAsync(buffer, cancellationToken));
            }
            catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException)
            {
                throw Damaged();
            }
        }

        private int Counted(int read)
        {
            Count += read;
            return read;
        }
    }
}

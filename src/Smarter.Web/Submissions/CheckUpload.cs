using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Smarter.Web.Security;

namespace Smarter.Web.Submissions;

/// <summary>Why an upload was not taken.</summary>
internal enum UploadRefusal
{
    /// <summary>The form's token is missing or wrong, or the body is no form of this page.</summary>
    NotThisForm,

    /// <summary>The person may not check files of the chosen state.</summary>
    NotThisTenant,

    NoFile,
    UnsafeName,
    UnknownEnding,

    /// <summary>More than one archive, or a CSV and a JSON that are not one of each.</summary>
    WrongFiles,

    TooLarge,
    TooMany,
}

/// <summary>Takes the form "Check a file" as a stream: its parts go to disk as they come, nothing is held in
/// memory.</summary>
/// <remarks>The form sends its token and the tenant before the files, so that no byte of a file is kept for somebody who
/// may not send it.</remarks>
internal sealed class CheckUpload(
    IOptions<ChecksOptions> options, CheckFolders folders, CheckOrders orders, ChecksTaken taken, SubmissionQuery query,
    IAntiforgery antiforgery, TimeProvider clock, ILogger<CheckUpload> log)
{
    public const string TokenField = "__RequestVerificationToken";
    public const string TenantField = "tenant";

    /// <summary>What the form adds around its files.</summary>
    private const int FormBytes = 64 * 1024;

    private const int LongestField = 4096;
    private const int MostParts = 8;
    private const int BufferBytes = 128 * 1024;

    private readonly ChecksOptions limits = options.Value;

    /// <summary>Stores the files and orders their check.</summary>
    /// <returns>The id of the new submission, or why there is none; then nothing is left on disk.</returns>
    /// <exception cref="IOException">The disk failed or the upload broke off; nothing is left on disk.</exception>
    public async Task<(Guid Id, UploadRefusal? Refusal)> TakeAsync(
        HttpContext context, Caller caller, CancellationToken cancellation)
    {
        if (MultipartBoundary(context.Request) is not { } boundary)
            return (default, UploadRefusal.NotThisForm);
        if (context.Request.ContentLength > limits.MaxBytes + FormBytes)
            return (default, UploadRefusal.TooLarge);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
            server.MaxRequestBodySize = limits.MaxBytes + FormBytes;

        using var place = taken.TryTake(caller.Uid, limits.MaxUnderWay);
        if (place is null || await query.CountChecksAsync(caller.Uid, cancellation) >= limits.MaxUnderWay)
            return (default, UploadRefusal.TooMany);

        var form = new MultipartReader(boundary, context.Request.Body);
        try
        {
            return await TakeAsync(context, form, caller, cancellation);
        }
        catch (BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (default, UploadRefusal.TooLarge);
        }
        catch (InvalidDataException)
        {
            return (default, UploadRefusal.NotThisForm);
        }
    }

    private async Task<(Guid Id, UploadRefusal? Refusal)> TakeAsync(
        HttpContext context, MultipartReader form, Caller caller, CancellationToken cancellation)
    {
        if (await FieldAsync(form, TokenField, cancellation) is not { } token
            || !await IsOurFormAsync(context, token))
            return (default, UploadRefusal.NotThisForm);
        if (await FieldAsync(form, TenantField, cancellation) is not { } tenant
            || !caller.LoadTenants.Contains(tenant))
            return (default, UploadRefusal.NotThisTenant);

        await folders.RemoveAbandonedAsync(tenant, cancellation);
        var order = new CheckOrder(Guid.NewGuid(), tenant, caller.Uid, clock.GetUtcNow().UtcDateTime);
        var folder = folders.Create(order.SubmissionId, tenant);
        var ordered = false;
        try
        {
            var (files, bytes, refusal) = await StoreAsync(form, folder, cancellation);
            if (refusal is null)
            {
                var name = files.Keys.FirstOrDefault(
                    file => CheckFiles.EndingOf(file) != CheckFiles.Json, files.Keys.First());
                ordered = await orders.InsertAsync(order, name, bytes, limits.MaxUnderWay, cancellation);
                refusal = ordered ? null : UploadRefusal.TooMany;
            }
            else if (refusal != UploadRefusal.TooLarge)
            {
                // The rest is read, so that the browser comes to the answer; the server's limit still holds.
                await context.Request.Body.CopyToAsync(Stream.Null, cancellation);
            }
            if (ordered)
                log.LogInformation("Check {SubmissionId} of {Tenant} taken: {SizeBytes} bytes",
                    order.SubmissionId, tenant, bytes);
            return (order.SubmissionId, refusal);
        }
        finally
        {
            if (!ordered)
                CheckFolders.Remove(folder);
        }
    }

    /// <summary>Writes each file under a name of its own ending in <c>.partial</c> and renames it when it is whole.</summary>
    /// <returns>The files with their sizes by name, the sum, and why they are no check; null when they are one.</returns>
    private async Task<(Dictionary<string, long> Files, long Bytes, UploadRefusal? Refusal)> StoreAsync(
        MultipartReader form, string folder, CancellationToken cancellation)
    {
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        var endings = new List<string>();
        var bytes = 0L;
        for (var part = 0; await form.ReadNextSectionAsync(cancellation) is { } section; part++)
        {
            if (part == MostParts)
                return (files, bytes, UploadRefusal.WrongFiles);
            if (FileNameOf(section) is not { Length: > 0 } sent)
                continue;
            if (CheckFiles.SafeName(sent) is not { } name)
                return (files, bytes, UploadRefusal.UnsafeName);
            if (CheckFiles.EndingOf(name) is not { } ending)
                return (files, bytes, UploadRefusal.UnknownEnding);
            if (!CheckFiles.MayJoin(ending, endings))
                return (files, bytes, UploadRefusal.WrongFiles);

            var path = Path.Combine(folder, name);
            if (await CopyAsync(section.Body, path + ".partial", limits.MaxBytes - bytes, cancellation) is not { } size)
                return (files, bytes, UploadRefusal.TooLarge);
            File.Move(path + ".partial", path);
            files.Add(name, size);
            endings.Add(ending);
            bytes += size;
        }
        if (files.Count == 0)
            return (files, bytes, UploadRefusal.NoFile);
        return (files, bytes, CheckFiles.IsWhole(endings) ? null : UploadRefusal.WrongFiles);
    }

    /// <returns>The bytes written, or null as soon as there are more than <paramref name="most"/>.</returns>
    private static async Task<long?> CopyAsync(Stream from, string path, long most, CancellationToken cancellation)
    {
        await using var file = new FileStream(
            path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
        var buffer = new byte[BufferBytes];
        var size = 0L;
        while (await ReadAsync(from, buffer, cancellation) is > 0 and var read)
        {
            if ((size += read) > most)
                return null;
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        return size;
    }

    /// <exception cref="InvalidDataException">The form ends in the middle of a file.</exception>
    private static async Task<int> ReadAsync(Stream from, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await from.ReadAsync(buffer, cancellation);
        }
        catch (IOException broken) when (broken is not BadHttpRequestException)
        {
            throw new InvalidDataException("The form ends in the middle of a file.", broken);
        }
    }

    /// <summary>The token travels in the form's first part; the framework would read the whole form to find it.</summary>
    private async Task<bool> IsOurFormAsync(HttpContext context, string token)
    {
        context.Request.Headers["RequestVerificationToken"] = token;
        return await antiforgery.IsRequestValidAsync(context);
    }

    /// <returns>The text of the form's next part, or null when that is another field, a file or too long.</returns>
    private static async Task<string?> FieldAsync(MultipartReader form, string name, CancellationToken cancellation)
    {
        if (await form.ReadNextSectionAsync(cancellation) is not { } section
            || section.GetContentDispositionHeader() is not { } header
            || !header.IsFormDisposition() || HeaderUtilities.RemoveQuotes(header.Name) != name)
            return null;
        var text = new byte[LongestField];
        var length = await section.Body.ReadAtLeastAsync(text, LongestField, throwOnEndOfStream: false, cancellation);
        return length == LongestField ? null : Encoding.UTF8.GetString(text, 0, length);
    }

    private static string? FileNameOf(MultipartSection section) =>
        section.GetContentDispositionHeader() is { } header && header.IsFileDisposition()
            ? HeaderUtilities.RemoveQuotes(
                header.FileNameStar.HasValue ? header.FileNameStar : header.FileName).ToString()
            : null;

    private static string? MultipartBoundary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= 70 } boundary
            ? boundary.ToString()
            : null;
}

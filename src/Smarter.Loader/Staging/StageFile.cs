using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Arrival;
using Smarter.Loader.Batches;
using Smarter.Loader.Checking;
using Smarter.Loader.Registration;
using Smarter.Loader.Unpacking;

namespace Smarter.Loader.Staging;

/// <summary>
/// From the encrypted file at rest to committed rows in the batch schema, as one stream:
/// gpg, gunzip, tar, CSV check, COPY. No plain copy of the data is written anywhere,
/// unless the archive holds the CSV before the JSON that its check needs.
/// </summary>
internal sealed class StageFile
{
    private readonly Databases databases;
    private readonly LoadFiles files;
    private readonly UdlBatch audit;
    private readonly UdlStats stats;
    private readonly Submissions submissions;
    private readonly Zones zones;
    private readonly TimeProvider clock;
    private readonly GpgOptions gpgOptions;
    private readonly ArchiveLimits limits;
    private readonly CheckingOptions checking;
    private readonly ILogger<StageFile> log;

    public StageFile(
        Databases databases, LoadFiles files, UdlBatch audit, UdlStats stats, Submissions submissions, Zones zones,
        TimeProvider clock, IOptions<GpgOptions> gpgOptions, IOptions<ArchiveLimits> limits,
        IOptions<CheckingOptions> checking, ILogger<StageFile> log)
    {
        (this.databases, this.files, this.audit, this.stats, this.submissions, this.zones, this.clock) =
            (databases, files, audit, stats, submissions, zones, clock);
        (this.gpgOptions, this.limits, this.checking, this.log) = (gpgOptions.Value, limits.Value, checking.Value, log);
    }

    /// <summary>Loads the file anew, whatever an earlier attempt left,
    /// and moves it to <see cref="LoadStage.Staged"/>.</summary>
    /// <exception cref="FileRejectedException">The file cannot be loaded; nothing of it is visible.</exception>
    public async Task RunAsync(LoadFile file, CancellationToken cancellation)
    {
        var path = zones.Arrived(file);
        if (!File.Exists(path))
            throw new FileRejectedException(ErrorCode.FileLost, "The delivered file is no longer in the work zone.");
        if (file.SizeBytes == 0)
            throw new FileRejectedException(ErrorCode.FileHasNoData, "The delivered file is empty.");

        var tenant = databases.FindTenant(file.Tenant)
            ?? throw new InvalidOperationException($"The setting Database:Tenants:{file.Tenant} is missing.");
        var started = clock.GetUtcNow();
        await BatchSchema.RecreateAsync(databases.Staging(tenant.Name), file.Id, cancellation);

        await using var load = new Load(this, file, tenant, started);
        await load.ReadAsync(path, cancellation);
        await load.CommitAsync(cancellation);
    }

    /// <summary>One attempt at one file.</summary>
    private sealed class Load(StageFile owner, LoadFile file, Tenant tenant, DateTimeOffset started) : IAsyncDisposable
    {
        private FileMetadata? metadata;
        private CsvStaging? staging;
        private CsvCounts? counts;
        private SchoolDirectory? schools;
        private AssessmentRecord? assessment;
        private BatcherErrors? batcherErrors;
        private string? csvKeptAt;
        private MeteredStream? keptCsv;
        private long keptCsvBytes;
        private DateTimeOffset csvStarted;

        public async Task ReadAsync(string path, CancellationToken cancellation)
        {
            var allowed = owner.limits.AllowedBytes(file.SizeBytes);
            await using var gpg = GpgDecryption.Start(path, file.Tenant, owner.gpgOptions, allowed);
            var decrypted = new MeteredStream(gpg.Plain);
            await using var archive = new LandingArchive(decrypted, file.SizeBytes, owner.limits);
            await using var following = owner.submissions.FollowReading(
                file.Id, () => Progress(decrypted.Count), Submissions.ReadingOfLoad);
            await archive.ReadAllAsync(
                ReadAsync,
                async stop =>
                {
                    await gpg.VerifyAsync(stop);
                    await NoteParametersAsync(stop);
                },
                cancellation);
            owner.log.LogInformation("{File} is signed by {Fingerprint}",
                file.FileName, gpg.SignerFingerprint ?? "nobody");

            if (csvKeptAt is not null)
            {
                await using var csv = File.OpenRead(csvKeptAt);
                keptCsvBytes = csv.Length;
                keptCsv = new MeteredStream(csv);
                await LoadCsvAsync(keptCsv, cancellation);
            }
            if (counts is null)
                throw batcherErrors!.WithoutCsv();
        }

        public async Task CommitAsync(CancellationToken cancellation)
        {
            if (owner.checking.Refusal(file.Tenant, counts!.Received, counts.Rejected) is { } refusal)
            {
                await staging!.CommitErrorsAsync(cancellation);
                await owner.files.RecordReceivedAsync(file.Id, counts.Received, cancellation);
                throw refusal;
            }
            if (metadata is AssessmentMetadata definition)
                await DimensionRows.WriteAsync(
                    staging!.FactConnection, file, assessment!, definition, tenant, schools!, Today(), cancellation);
            await staging!.CommitAsync(cancellation);
            await RecordAsync(cancellation);
            await owner.files.RecordStagedAsync(file.Id, counts.Received, counts.Rejected, cancellation);
            await owner.submissions.RecordBuildingAsync(
                file.Id, counts.Received, owner.clock.GetUtcNow() - started, cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            if (staging is not null)
                await staging.DisposeAsync();
        }

        /// <remarks>Asked from the thread of a timer.</remarks>
        private ReadingProgress Progress(long decrypted)
        {
            var progress = new ReadingProgress(decrypted, file.SizeBytes, staging?.Received ?? 0);
            return csvKeptAt is null ? progress : progress.WithKeptCsv(keptCsv?.Count ?? 0, keptCsvBytes);
        }

        private async Task ReadAsync(ArchiveMember member, CancellationToken cancellation)
        {
            switch (member.Kind)
            {
                case MemberKind.Json:
                    metadata = FileMetadata.Parse(await member.ReadBytesAsync(cancellation));
                    break;
                case MemberKind.Csv when metadata is null:
                    csvKeptAt = Path.Combine(owner.zones.Work(file), "expanded.csv");
                    await using (var kept = File.Create(csvKeptAt))
                        await member.Content.CopyToAsync(kept, cancellation);
                    break;
                case MemberKind.Csv:
                    await LoadCsvAsync(member.Content, cancellation);
                    break;
                case MemberKind.Err:
                    batcherErrors = BatcherErrors.Parse(await member.ReadBytesAsync(cancellation));
                    break;
            }
        }

        private async Task LoadCsvAsync(Stream csv, CancellationToken cancellation)
        {
            csvStarted = owner.clock.GetUtcNow();
            IBatchTables tables = metadata is RegistrationMetadata registration
                ? new RegistrationTables(file.Id, registration)
                : await OutcomeTablesAsync((AssessmentMetadata)metadata!, cancellation);
            staging = await CsvStaging.BeginAsync(
                file, owner.databases.Staging(file.Tenant), owner.databases.Udl,
                metadata!.RulesFor(tenant.StateCode, Today()), tables, owner.log, cancellation);
            counts = await staging.LoadAsync(csv, cancellation);
        }

        private async Task<OutcomeTables> OutcomeTablesAsync(
            AssessmentMetadata definition, CancellationToken cancellation)
        {
            var production = owner.databases.Production(file.Tenant);
            schools = await SchoolDirectory.LoadAsync(production, tenant.StateCode, cancellation);
            assessment = await AssessmentRecord.FindAsync(
                production, owner.databases.Udl, file.Tenant, definition, cancellation);
            var constants = new BatchConstants(
                file.Guid, DimensionRows.DateText(Today()), assessment.RecordId, definition.Guid, tenant.StateCode);
            return new OutcomeTables(new StarTuples(constants, definition.IsBlockFile), schools);
        }

        /// <summary>Keeps what the JSON says of the load and the batcher of its errors, for whoever asked to be told.
        /// Only of a file whose signature is good: its callback address is a stranger's otherwise.</summary>
        private async Task NoteParametersAsync(CancellationToken cancellation)
        {
            if (metadata is null)
                return;
            await owner.files.RecordLoadTypeAsync(file.Id, metadata.LoadType, cancellation);
            await owner.stats.RecordLoadTypeAsync(file, metadata.LoadType, cancellation);
            await owner.stats.AddToNotificationAsync(file, metadata.Notification(), cancellation);
            if (batcherErrors is { IsError: true })
                await owner.stats.AddToNotificationAsync(file, batcherErrors.Notification(), cancellation);
        }

        private DateOnly Today() => DateOnly.FromDateTime(owner.clock.GetLocalNow().DateTime);

        private async Task RecordAsync(CancellationToken cancellation)
        {
            var now = owner.clock.GetUtcNow();
            var loaded = counts!.Received - counts.Rejected;
            if (metadata is RegistrationMetadata registration)
                await owner.stats.RecordSnapshotAsync(file, registration.SnapshotCriteria(), cancellation);
            await owner.stats.AddToNotificationAsync(file, new JsonObject
            {
                ["total_rows_loaded"] = loaded,
                ["total_rows_not_loaded"] = counts.Rejected,
            }, cancellation);
            await owner.audit.RecordAsync(file, metadata!.LoadType, cancellation,
                new StageRecord(UdlPhase.Decrypt, started, now),
                new StageRecord(UdlPhase.Expand, started, now),
                new StageRecord(UdlPhase.LoadType, started, csvStarted),
                new StageRecord(UdlPhase.Parameters, started, csvStarted),
                new StageRecord(UdlPhase.Validate, csvStarted, now),
                new StageRecord(UdlPhase.Split, csvStarted, now, counts.Received, counts.Bytes),
                new StageRecord(UdlPhase.Stage, csvStarted, now, counts.Received, Schema: file.Guid, IsLeaf: true),
                new StageRecord(UdlPhase.LoadJson, started, csvStarted, 1, Schema: file.Guid),
                new StageRecord(UdlPhase.ValidateContent, csvStarted, now),
                new StageRecord(UdlPhase.Integrate, csvStarted, now, loaded, Schema: file.Guid),
                new StageRecord(UdlPhase.PrepareSchema, started, started, Schema: file.Guid));
        }
    }
}

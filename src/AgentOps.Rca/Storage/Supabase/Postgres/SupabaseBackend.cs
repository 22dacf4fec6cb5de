using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Storage.Faults;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>What a connection to Supabase's PostgreSQL needs to know.</summary>
internal sealed record SupabaseBackendOptions
{
    /// <summary>A <c>postgresql://</c> URI or Npgsql's keywords.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>What the setting is called that holds it, for messages.</summary>
    public string SettingName { get; init; } = "SUPABASE_DB_URL";

    /// <summary>What the database is called before its address.</summary>
    public string Kind { get; init; } = SupabaseKind;

    /// <summary>A data source of the host that connections are taken from, and which is not disposed; null makes one.</summary>
    public NpgsqlDataSource? DataSource { get; init; }

    /// <summary>Where the tables stand; a tenant has its own.</summary>
    public SupabaseSchema Schema { get; init; } = SupabaseSchema.Public;

    /// <summary>Whether start-up may run the migrations. Behind a pooler in transaction mode it never does.</summary>
    public bool ApplyMigrations { get; init; } = true;

    /// <summary>How long calls keep trying.</summary>
    public StoreRetryOptions Retry { get; init; } = new();

    public const string SupabaseKind = "Supabase PostgreSQL";
}

/// <summary>Supabase through PostgreSQL: direct, by the session pooler or by the transaction pooler.</summary>
internal sealed class SupabaseBackend : StorageBackend, IStoredBytes
{
    // Whoever asks has just started: a busy machine takes seconds to load what a connection needs.
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(15);

    private readonly SupabaseDatabase _database;
    private readonly SupabaseMigrator _migrator;
    private readonly ChunkedContentStore _contents;
    private readonly bool _applyMigrations;

    /// <summary>Makes the backend; nothing is connected yet.</summary>
    /// <exception cref="StoreSetupException">The connection string cannot be read.</exception>
    public SupabaseBackend(SupabaseBackendOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        var address = options.DataSource is null
            ? SupabaseConnectionString.Parse(options.ConnectionString, options.SettingName)
            : SupabaseConnectionString.Describe(options.ConnectionString);
        _database = new SupabaseDatabase(address, options.Schema, options.DataSource, options.Retry, timeProvider, loggerFactory.CreateLogger<StoreRetry>());
        _migrator = new SupabaseMigrator(_database, loggerFactory.CreateLogger<SupabaseMigrator>());
        _applyMigrations = options.ApplyMigrations && !address.IsTransactionPooler;
        Incidents = new SupabaseIncidentStore(_database);
        Spans = new SupabaseSpanStore(_database);
        Artifacts = new SupabaseArtifactStore(_database);
        _contents = new ChunkedContentStore(new SupabaseContentChunks(_database), Artifacts, timeProvider);
        Name = $"{options.Kind} at {address}{options.Schema.Note}{(address.IsTransactionPooler ? " (transaction pooler)" : "")}";
    }

    public override string Name { get; }

    public override IIncidentStore Incidents { get; }

    public override ISpanStore Spans { get; }

    public override IArtifactStore Artifacts { get; }

    public override IArtifactContentStore Contents => _contents;

    // It is on the database's machine.
    string? IStoredBytes.LocalDirectory => null;

    ValueTask<long> IStoredBytes.MeasureAsync(CancellationToken cancellationToken) => _database.LookAsync(SupabaseShape.MeasureAsync, cancellationToken);

    public override async ValueTask<string?> PrepareAsync(IArtifactContentStore contents, CancellationToken cancellationToken = default)
    {
        if (_applyMigrations)
        {
            await _migrator.RunAsync(cancellationToken).ConfigureAwait(false);
        }

        if (await FindFaultAsync(cancellationToken).ConfigureAwait(false) is { } fault)
        {
            return fault;
        }

        await _contents.SweepAsync(cancellationToken).ConfigureAwait(false);
        return await FindWarningAsync(cancellationToken).ConfigureAwait(false);
    }

    internal override async ValueTask ReachAsync(CancellationToken cancellationToken) =>
        await _database.LookAsync(SupabaseMigrator.ReadVersionAsync, cancellationToken, FirstPatience).ConfigureAwait(false);

    public override async ValueTask<string?> FindFaultAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _database.LookAsync(LookAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException exception)
        {
            return exception.Message;
        }
    }

    public override async ValueTask<string?> FindWarningAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _database.LookAsync(SupabaseShape.FindReadersAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // What is down is told by the look at its health.
            return null;
        }
    }

    protected override ValueTask CloseAsync() => _database.DisposeAsync();

    private static async ValueTask<string?> LookAsync(SupabaseConnection connection, CancellationToken cancellationToken)
    {
        var version = await SupabaseMigrator.ReadVersionAsync(connection, cancellationToken).ConfigureAwait(false);
        if (string.CompareOrdinal(version, SupabaseMigrations.Version) < 0)
        {
            return $"The tables are {(version is null ? "not set up" : $"at version {version}, older than this program")}. "
                + SupabaseMigrations.HowToRun;
        }

        if (await SupabaseShape.FindProblemAsync(connection, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            return $"{problem} {SupabaseMigrations.HowToRun}";
        }

        var command = connection.Command(
            """
            select string_agg(name, ', ') from unnest(array['incidents', 'spans', 'artifacts', 'artifact_contents']) as name
            where row_security_active('public.' || name)
            """);
        await using var commandDisposal = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string hidden
            ? $"Row level security hides rows of {hidden} from this user. Connect as postgres, or as a role that bypasses it."
            : null;
    }
}

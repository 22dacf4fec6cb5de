using System.Globalization;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

/// <summary>A database for one class of tests; its tables are emptied for each test.</summary>
public abstract class SupabaseTestBackend : StoreBackend
{
    private TestDatabase? _database;

    public override string? Unavailable => SupabaseServices.Current.Missing;

    public override bool IsDurable => true;

    public override bool CanCorruptContent => true;

    public override int LongestKey => 500;

    protected TestDatabase Database => _database!;

    public override async ValueTask InitializeAsync()
    {
        if (Unavailable is null)
        {
            _database = await TestDatabase.CreateAsync();
        }
    }

    public override async ValueTask<StoreSet> CreateAsync()
    {
        await Database.ClearAsync();
        return new Set(this);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A connection of the test's own, beside those of the stores.</summary>
    public Task<Npgsql.NpgsqlConnection> OpenConnectionAsync() => Database.OpenAsync();

    internal abstract StorageBackend Open();

    private sealed class Set(SupabaseTestBackend owner) : StoreSet
    {
        private StorageBackend _backend = owner.Open();

        public override IIncidentStore Incidents => _backend.Incidents;

        public override ISpanStore Spans => _backend.Spans;

        public override IArtifactStore Artifacts => _backend.Artifacts;

        public override IArtifactContentStore Contents => _backend.Contents!;

        public override async ValueTask ReopenAsync()
        {
            await _backend.DisposeAsync();
            _backend = owner.Open();
        }

        public override async ValueTask CorruptAsync(ArtifactDigest digest) => await owner.Database.ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"update artifact_contents set data = set_byte(data, 7, 255 - get_byte(data, 7)) where digest = '{digest}'"));

        public override async ValueTask AgeAsync(ArtifactDigest? digest, TimeSpan age) => await owner.Database.ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"update artifact_contents set created_ts = now() - interval '{age.TotalSeconds} seconds' where {(digest is null ? "true" : $"digest = '{digest}'")}"));

        public override ValueTask DisposeAsync() => _backend.DisposeAsync();
    }
}

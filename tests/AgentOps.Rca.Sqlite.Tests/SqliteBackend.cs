using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Sqlite.Tests;

public sealed class SqliteBackend : StoreBackend
{
    public override string Name => "SQLite";

    public override bool IsDurable => true;

    public override ValueTask<StoreSet> CreateAsync() => ValueTask.FromResult<StoreSet>(new SqliteSet());

    private sealed class SqliteSet : StoreSet
    {
        private readonly TemporaryFile _file = new();
        private SqliteStores _stores;

        public SqliteSet() => _stores = new SqliteStores(_file.Path);

        public override IIncidentStore Incidents => _stores.Incidents;

        public override ISpanStore Spans => _stores.Spans;

        public override IArtifactStore Artifacts => _stores.Artifacts;

        public override async ValueTask ReopenAsync()
        {
            await _stores.DisposeAsync();
            _stores = new SqliteStores(_file.Path);
        }

        public override async ValueTask DisposeAsync()
        {
            await _stores.DisposeAsync();
            _file.Dispose();
        }
    }
}

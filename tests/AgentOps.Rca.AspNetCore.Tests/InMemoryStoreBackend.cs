using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>The stores in memory, for the contract tests of the API.</summary>
public sealed class InMemoryStoreBackend : StoreBackend
{
    public override string Name => "in memory";

    public override ValueTask<StoreSet> CreateAsync() => ValueTask.FromResult<StoreSet>(new Stores());

    private sealed class Stores : StoreSet
    {
        public override IIncidentStore Incidents { get; } = new InMemoryIncidentStore();

        public override ISpanStore Spans { get; } = new InMemorySpanStore();

        public override IArtifactStore Artifacts { get; } = new InMemoryArtifactStore();

        public override IArtifactContentStore Contents { get; } = new InMemoryArtifactContentStore();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

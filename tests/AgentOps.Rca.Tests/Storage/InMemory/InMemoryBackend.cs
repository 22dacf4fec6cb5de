using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Storage.InMemory;

public sealed class InMemoryBackend : StoreBackend
{
    public override string Name => "Memory";

    public override ValueTask<StoreSet> CreateAsync() => ValueTask.FromResult<StoreSet>(new InMemorySet());

    private sealed class InMemorySet : StoreSet
    {
        public override IIncidentStore Incidents { get; } = new InMemoryIncidentStore();

        public override ISpanStore Spans { get; } = new InMemorySpanStore();

        public override IArtifactStore Artifacts { get; } = new InMemoryArtifactStore();

        public override IArtifactContentStore Contents { get; } = new InMemoryArtifactContentStore();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

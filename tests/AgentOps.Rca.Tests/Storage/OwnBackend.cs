using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Tests.Storage;

/// <summary>A backend as somebody else writes one, with only what must be there.</summary>
internal sealed class OwnBackend(string name = "own", Func<CancellationToken, ValueTask>? prepare = null) : StorageBackend
{
    public override string Name => name;

    public override IIncidentStore Incidents { get; } = new InMemoryIncidentStore();

    public override ISpanStore Spans { get; } = new InMemorySpanStore();

    public override IArtifactStore Artifacts { get; } = new InMemoryArtifactStore();

    public int Disposals { get; private set; }

    public override async ValueTask<string?> PrepareAsync(IArtifactContentStore contents, CancellationToken cancellationToken = default)
    {
        await (prepare?.Invoke(cancellationToken) ?? ValueTask.CompletedTask);
        return null;
    }

    protected override ValueTask CloseAsync()
    {
        Disposals++;
        return base.CloseAsync();
    }
}

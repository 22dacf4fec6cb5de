using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>The backend that keeps everything in memory.</summary>
internal sealed class InMemoryBackend(TimeProvider timeProvider) : StorageBackend
{
    public override string Name => "memory (nothing is kept when the process ends)";

    public override IIncidentStore Incidents { get; } = new InMemoryIncidentStore();

    public override ISpanStore Spans { get; } = new InMemorySpanStore();

    public override IArtifactStore Artifacts { get; } = new InMemoryArtifactStore();

    public override IArtifactContentStore Contents { get; } = new InMemoryArtifactContentStore(timeProvider);

    public static InMemoryBackend Create(IServiceProvider provider) => new(provider.GetRequiredService<TimeProvider>());
}

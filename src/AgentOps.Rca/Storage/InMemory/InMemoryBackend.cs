using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>The backend that keeps everything in memory.</summary>
internal static class InMemoryBackend
{
    public static StorageBackend Create() => new()
    {
        Name = "memory (nothing is kept when the process ends)",
        Incidents = static _ => new InMemoryIncidentStore(),
        Spans = static _ => new InMemorySpanStore(),
        Artifacts = static _ => new InMemoryArtifactStore(),
        Contents = static services => new InMemoryArtifactContentStore(services.GetRequiredService<TimeProvider>()),
    };
}

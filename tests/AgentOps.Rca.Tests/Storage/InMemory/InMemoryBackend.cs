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

        private readonly ShiftedClock _clock = new();
        private readonly InMemoryArtifactContentStore _contents;

        public InMemorySet() => _contents = new InMemoryArtifactContentStore(_clock);

        public override IArtifactContentStore Contents => _contents;

        // Content that is written again has the age of its last write.
        public override async ValueTask AgeAsync(ArtifactDigest? digest, TimeSpan age)
        {
            var aged = digest is { } known ? [known] : await _contents.ListOldAsync(TimeSpan.Zero).ToListAsync();
            _clock.Behind = age;
            foreach (var content in aged)
            {
                await using var stream = await _contents.OpenAsync(content);
                if (stream is not null)
                {
                    await _contents.WriteAsync(stream, content);
                }
            }

            _clock.Behind = TimeSpan.Zero;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Behind { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - Behind;
    }
}

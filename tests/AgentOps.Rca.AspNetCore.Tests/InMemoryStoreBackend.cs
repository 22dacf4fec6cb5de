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

    public override bool CanCorruptContent => true;

    public override ValueTask<StoreSet> CreateAsync() => ValueTask.FromResult<StoreSet>(new Stores());

    private sealed class Stores : StoreSet
    {
        private readonly CorruptibleContents _contents = new();

        public override IIncidentStore Incidents { get; } = new InMemoryIncidentStore();

        public override ISpanStore Spans { get; } = new InMemorySpanStore();

        public override IArtifactStore Artifacts { get; } = new InMemoryArtifactStore();

        public override IArtifactContentStore Contents => _contents;

        public override ValueTask CorruptAsync(ArtifactDigest digest)
        {
            _contents.Corrupted.Add(digest);
            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class CorruptibleContents : IArtifactContentStore
    {
        private readonly InMemoryArtifactContentStore _contents = new();

        public HashSet<ArtifactDigest> Corrupted { get; } = [];

        public ValueTask<StoredContent> WriteAsync(Stream content, ArtifactDigest? expected, CancellationToken cancellationToken) =>
            _contents.WriteAsync(content, expected, cancellationToken);

        public async ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken)
        {
            var stream = await _contents.OpenAsync(digest, cancellationToken);
            if (stream is null || !Corrupted.Contains(digest))
            {
                return stream;
            }

            await using (stream)
            {
                var bytes = new byte[stream.Length];
                await stream.ReadExactlyAsync(bytes, cancellationToken);
                bytes[^1] ^= 1;
                return new MemoryStream(bytes, writable: false);
            }
        }
    }
}

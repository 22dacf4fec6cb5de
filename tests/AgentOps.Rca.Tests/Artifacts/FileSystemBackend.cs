using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Artifacts;

public sealed class FileSystemBackend : StoreBackend
{
    public override string Name => "The file system";

    public override bool IsDurable => true;

    public override bool CanCorruptContent => true;

    public override ValueTask<StoreSet> CreateAsync() => ValueTask.FromResult<StoreSet>(new FileSystemSet());

    private sealed class FileSystemSet : StoreSet
    {
        private readonly TemporaryDirectory _directory = new();
        private FileSystemArtifactContentStore _contents;

        public FileSystemSet() => _contents = new FileSystemArtifactContentStore(_directory.Path);

        public override IArtifactContentStore Contents => _contents;

        public override IArtifactStore Artifacts { get; } = new InMemoryArtifactStore();

        public override ValueTask AgeAsync(ArtifactDigest? digest, TimeSpan age)
        {
            foreach (var path in Directory.EnumerateFiles(_directory.Path, digest?.ToString() ?? "*", SearchOption.AllDirectories))
            {
                File.SetLastWriteTimeUtc(path, (TimeProvider.System.GetUtcNow() - age).UtcDateTime);
            }

            return ValueTask.CompletedTask;
        }

        public override ValueTask ReopenAsync()
        {
            _contents = new FileSystemArtifactContentStore(_directory.Path);
            return ValueTask.CompletedTask;
        }

        public override ValueTask CorruptAsync(ArtifactDigest digest)
        {
            FileSystemArtifactContentStoreTests.Damage(
                Path.Combine(_directory.Path, FileSystemArtifactContentStoreTests.PathOf(digest)), "changed");
            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            _directory.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Testing;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite.Tests.Contents;

/// <summary>Small content in a SQLite file, larger content in a directory beside it.</summary>
public sealed class LayeredContentBackend : StoreBackend
{
    public override string Name => "SQLite and files";

    public override bool IsDurable => true;

    public override bool CanCorruptContent => true;

    public override async ValueTask<StoreSet> CreateAsync()
    {
        var stores = new LayeredSet();
        // Tests change the file before anything small is written.
        await stores.Artifacts.GetAsync(default);
        return stores;
    }

    private sealed class LayeredSet : StoreSet
    {
        private readonly TemporaryFile _file = new();
        private SqliteStores _stores;
        private LayeredContentStore _contents;

        public LayeredSet() => (_stores, _contents) = Open();

        public override IArtifactStore Artifacts => _stores.Artifacts;

        public override IArtifactContentStore Contents => _contents;

        public override async ValueTask ReopenAsync()
        {
            await _stores.DisposeAsync();
            (_stores, _contents) = Open();
        }

        public override async ValueTask AgeAsync(ArtifactDigest? digest, TimeSpan age)
        {
            var written = TimeProvider.System.GetUtcNow() - age;
            await ChangeAsync($"UPDATE artifact_contents SET written_ms = {written.ToUnixTimeMilliseconds()} WHERE {Condition(digest)}");
            foreach (var path in Files(digest))
            {
                File.SetLastWriteTimeUtc(path, written.UtcDateTime);
            }
        }

        public override async ValueTask CorruptAsync(ArtifactDigest digest)
        {
            await ChangeAsync($"UPDATE artifact_contents SET data = zeroblob(length(data)) WHERE {Condition(digest)}");
            foreach (var path in Files(digest))
            {
                await File.WriteAllTextAsync(path, "changed");
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await _stores.DisposeAsync();
            _file.Dispose();
        }

        private (SqliteStores Stores, LayeredContentStore Contents) Open()
        {
            var stores = new SqliteStores(_file.Path);
            return (stores, new LayeredContentStore(
                stores.SmallContents, new FileSystemArtifactContentStore(DirectoryPath), stores.Artifacts, TimeProvider.System));
        }

        private string DirectoryPath => Path.Combine(Path.GetDirectoryName(_file.Path)!, "artifacts");

        private static string Condition(ArtifactDigest? digest) => digest is { } one ? $"digest = x'{one}'" : "1";

        private IEnumerable<string> Files(ArtifactDigest? digest) => Directory.Exists(DirectoryPath)
            ? Directory.EnumerateFiles(DirectoryPath, digest?.ToString() ?? "*", SearchOption.AllDirectories)
            : [];

        private async Task ChangeAsync(string sql)
        {
            await using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=false");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }
}

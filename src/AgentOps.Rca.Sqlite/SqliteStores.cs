using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Sqlite;

/// <summary>
/// The three stores in one SQLite file; the services keep the bytes of artifacts up to 64 KiB there too. The file is opened, and created or migrated when need be, by the first call to a store.
/// Several processes may use one file at the same time. What a store has acknowledged survives a power cut (WAL, synchronous=FULL).
/// </summary>
public sealed class SqliteStores : StorageBackend, IStoredBytes
{
    private readonly SqliteDatabase _database;

    /// <summary>Makes the stores over a file, without touching it yet.</summary>
    /// <param name="path">The file; its directory is made when it does not exist. It must lie on a local disk.</param>
    /// <exception cref="ArgumentException">The path is empty, or names a database in memory, which cannot be shared or kept.</exception>
    public SqliteStores(string path)
        : this(path, isTemporary: false)
    {
    }

    /// <summary>The same; of a file that nobody opens after this process, nothing need survive a power cut.</summary>
    internal SqliteStores(string path, bool isTemporary)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!IsFile(path))
        {
            throw new ArgumentException("The SQLite store needs the path of a file; for data in memory use the in-memory stores.", nameof(path));
        }

        Path = path;
        _database = new SqliteDatabase(path, isTemporary);
        Incidents = new SqliteIncidentStore(_database);
        Spans = new SqliteSpanStore(_database);
        Artifacts = new SqliteArtifactStore(_database);
        SmallContents = new SqliteSmallContents(_database);
    }

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override string Name => $"SQLite ({Path})";

    /// <summary>The incidents in the file.</summary>
    public override IIncidentStore Incidents { get; }

    /// <summary>The spans in the file.</summary>
    public override ISpanStore Spans { get; }

    /// <summary>The rows of artifacts in the file.</summary>
    public override IArtifactStore Artifacts { get; }

    /// <summary>Reads the file to see whether it can be used; creates it when it does not exist.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What is wrong with it in a sentence, or null when nothing is.</returns>
    public override async ValueTask<string?> FindFaultAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _database.ReadAsync(static session => session.QueryNumber("SELECT count(*) FROM (SELECT 1 FROM incidents LIMIT 1)"), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (StoreUnavailableException failure)
        {
            return failure.Message;
        }
    }

    internal override ISmallContents SmallContents { get; }

    string IStoredBytes.LocalDirectory => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    // What a file has free inside is used before it grows, and is none of what records take.
    ValueTask<long> IStoredBytes.MeasureAsync(CancellationToken cancellationToken) => _database.ReadAsync(
        static session => session.QueryNumber("SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"),
        cancellationToken);

    internal SqliteDatabase Database => _database;

    internal static bool IsFile(string path) =>
        !string.IsNullOrWhiteSpace(path)
        && !path.StartsWith(":memory:", StringComparison.Ordinal) && !path.StartsWith("file:", StringComparison.Ordinal);

    /// <summary>Finishes the writes that were accepted and closes the file. A store used afterwards throws <see cref="ObjectDisposedException"/>.</summary>
    protected override ValueTask CloseAsync() => _database.DisposeAsync();
}

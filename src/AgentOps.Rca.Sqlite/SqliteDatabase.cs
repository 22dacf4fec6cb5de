using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>One SQLite file: opened and migrated on first use, written by one writer, read by a few pooled readers.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private const int BusySeconds = 10;

    private static readonly int MaxReaders = Math.Clamp(Environment.ProcessorCount * 2, 4, 16);

    private readonly string _path;
    private readonly string _connectionString;
    private readonly SqliteWriter _writer;
    private readonly SemaphoreSlim _readerSlots = new(MaxReaders);
    private readonly ConcurrentStack<SqliteSession> _idleReaders = new();
    private readonly Lock _opening = new();
    private readonly string _synchronous;
    private readonly string _writerCache;
    private volatile bool _ready;
    private volatile bool _disposed;

    // The driver finds its native library by reflection otherwise, which trimming removes.
    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    public SqliteDatabase(string path, bool isTemporary = false)
    {
        _synchronous = isTemporary ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL";
        // A file that a process makes for itself is there to spare memory.
        _writerCache = isTemporary ? "PRAGMA cache_size = -8192" : "PRAGMA cache_size = -32768";
        _path = Path.GetFullPath(path);
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        }.ToString();
        _writer = new SqliteWriter(_path, OpenWriter);
    }

    /// <summary>Runs <paramref name="work"/> inside a transaction that is durable when the call returns. It may run twice.</summary>
    /// <param name="work">What to write; it must not touch what the caller may change meanwhile.</param>
    /// <param name="rows">How many rows it writes, about.</param>
    /// <param name="cancellationToken">Cancels the wait; the write may still happen.</param>
    public ValueTask<T> WriteAsync<T>(Func<SqliteSession, T> work, int rows, CancellationToken cancellationToken) =>
        _writer.WriteAsync(work, rows, cancellationToken);

    /// <summary>Runs <paramref name="work"/> on a reader. It must be short: it holds a snapshot of the file.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteStores));
        await _readerSlots.WaitAsync(cancellationToken).ConfigureAwait(false);
        SqliteSession? session = null;
        try
        {
            session = _idleReaders.TryPop(out var idle) ? idle : OpenReader();
            var answer = work(session);
            Return(session);
            return answer;
        }
        catch (SqliteException failure)
        {
            session?.Dispose();
            if (SqliteErrors.Translate(failure, _path) is { } unavailable)
            {
                throw unavailable;
            }

            throw;
        }
        catch
        {
            session?.Dispose();
            throw;
        }
        finally
        {
            _readerSlots.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _writer.DisposeAsync().ConfigureAwait(false);
        CloseIdleReaders();
    }

    private void Return(SqliteSession session)
    {
        _idleReaders.Push(session);
        if (_disposed)
        {
            CloseIdleReaders();
        }
    }

    private void CloseIdleReaders()
    {
        while (_idleReaders.TryPop(out var reader))
        {
            reader.Dispose();
        }
    }

    // SQLite gives the files beside it the mode of the database. What is there already keeps its own.
    private void CreateForOwnerOnly()
    {
        var directory = Path.GetDirectoryName(_path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
            return;
        }

        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!File.Exists(_path))
        {
            using var file = new FileStream(_path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
    }

    private SqliteSession OpenWriter()
    {
        EnsureReady();
        return new SqliteSession(
            _connectionString,
            BusyTimeout,
            _synchronous,
            _writerCache,
            "PRAGMA wal_autocheckpoint = 4000",
            "PRAGMA journal_size_limit = 67108864");
    }

    private SqliteSession OpenReader()
    {
        EnsureReady();
        return new SqliteSession(_connectionString, BusyTimeout, "PRAGMA query_only = 1");
    }

    private static readonly string BusyTimeout = string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {BusySeconds * 1_000}");

    private void EnsureReady()
    {
        if (_ready)
        {
            return;
        }

        lock (_opening)
        {
            if (_ready)
            {
                return;
            }

            try
            {
                CreateForOwnerOnly();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new StoreUnavailableException($"The SQLite file '{_path}' or its directory could not be made.", failure);
            }

            using var session = new SqliteSession(_connectionString, BusyTimeout, "PRAGMA journal_mode = WAL", _synchronous);
            Migrate(session);
            _ready = true;
        }
    }

    private void Migrate(SqliteSession session)
    {
        if (ReadVersion(session) == SqliteSchema.Migrations.Count)
        {
            return;
        }

        // Another process may migrate at the same time: the version counts only as read inside the transaction.
        session.Execute("BEGIN IMMEDIATE");
        for (var version = ReadVersion(session); version < SqliteSchema.Migrations.Count; version++)
        {
            session.Execute(SqliteSchema.Migrations[version]);
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}"));
        }

        session.Execute("COMMIT");
    }

    private int ReadVersion(SqliteSession session)
    {
        var version = session.QueryNumber("PRAGMA user_version");
        return version <= SqliteSchema.Migrations.Count
            ? (int)version
            : throw new StoreUnavailableException(
                $"The SQLite file '{_path}' has schema version {version}, made by a newer release; this release knows {SqliteSchema.Migrations.Count}. Update it, or choose another file.");
    }
}

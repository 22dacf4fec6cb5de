using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>
/// The only writer of a file within this process. Writes that wait at the same time share one transaction, and so one flush to disk;
/// each is answered after the commit.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxWaiting = 1_024;
    private const int MaxRowsPerTransaction = 4_000;

    private readonly string _path;
    private readonly Func<SqliteSession> _open;
    private readonly Task _loop;
    private readonly Channel<SqliteWriteJob> _jobs = Channel.CreateBounded<SqliteWriteJob>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private SqliteSession? _session;

    public SqliteWriter(string path, Func<SqliteSession> open)
    {
        _path = path;
        _open = open;
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask<T> WriteAsync<T>(Func<SqliteSession, T> work, int rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var job = new SqliteWriteJob<T>(work, rows, cancellationToken);
        try
        {
            await _jobs.Writer.WriteAsync(job, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteStores));
        }

        return await job.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        List<SqliteWriteJob> group = [];
        while (await _jobs.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var rows = 0;
            group.Clear();
            while (rows < MaxRowsPerTransaction && _jobs.Reader.TryRead(out var job))
            {
                if (!job.TryCancel())
                {
                    group.Add(job);
                    rows += job.Rows;
                }
            }

            RunTogether(group);
        }

        CloseSession();
    }

    private void RunTogether(List<SqliteWriteJob> group)
    {
        try
        {
            _session ??= _open();
            Begin(_session);
            foreach (var job in group)
            {
                job.Run(_session);
            }

            _session.Prepare("COMMIT", 0).Run();
        }
        catch (Exception failure)
        {
            // Closing rolls back whatever is open, and a connection that met an I/O error is not trusted again.
            CloseSession();
            Settle(group, failure);
            return;
        }

        foreach (var job in group)
        {
            job.Succeed();
        }
    }

    private void Settle(List<SqliteWriteJob> group, Exception failure)
    {
        var unavailable = failure as StoreUnavailableException
            ?? (failure is SqliteException sqlite ? SqliteErrors.Translate(sqlite, _path) : null);
        if (unavailable is null && group.Count > 1)
        {
            // One of them is at fault; alone, only that one fails.
            foreach (var job in group)
            {
                RunTogether([job]);
            }

            return;
        }

        foreach (var job in group)
        {
            job.Fail(unavailable ?? failure);
        }
    }

    // IMMEDIATE: a transaction that starts as a reader cannot wait for its turn to write.
    private static void Begin(SqliteSession session) => session.Prepare("BEGIN IMMEDIATE", 0).Run();

    private void CloseSession()
    {
        _session?.Dispose();
        _session = null;
    }
}

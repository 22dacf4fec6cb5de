namespace AgentOps.Rca.Sqlite;

/// <summary>Work that waits for its turn in a write transaction, which it may share with others.</summary>
internal abstract class SqliteWriteJob(int rows)
{
    /// <summary>How many rows it writes, about.</summary>
    public int Rows => rows;

    /// <summary>Gives the job up if its caller has cancelled it.</summary>
    public abstract bool TryCancel();

    /// <summary>Does the work; runs again when the transaction has to be repeated.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>Answers the caller, after the commit.</summary>
    public abstract void Succeed();

    public abstract void Fail(Exception failure);
}

/// <summary>Work with an answer.</summary>
internal sealed class SqliteWriteJob<T>(Func<SqliteSession, T> work, int rows, CancellationToken cancellationToken) : SqliteWriteJob(rows)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _answer;

    public Task<T> Task => _completion.Task;

    public override bool TryCancel() => cancellationToken.IsCancellationRequested && _completion.TrySetCanceled(cancellationToken);

    public override void Run(SqliteSession session) => _answer = work(session);

    public override void Succeed() => _completion.TrySetResult(_answer!);

    public override void Fail(Exception failure) => _completion.TrySetException(failure);
}

namespace AgentOps.Rca.Groq;

/// <summary>The time a call may take with all its attempts. Tells running out of it from the caller's own cancellation.</summary>
internal sealed class GroqBudget : IDisposable
{
    private readonly TimeSpan _total;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    public GroqBudget(TimeSpan total, TimeProvider timeProvider, CancellationToken caller)
    {
        _total = total;
        _caller = caller;
        _timer = new CancellationTokenSource(total, timeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
        Deadline = timeProvider.GetUtcNow() + total;
    }

    public DateTimeOffset Deadline { get; }

    public CancellationToken Token => _either.Token;

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return await work(Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!_caller.IsCancellationRequested)
        {
            throw new GroqException(
                GroqErrorKind.Timeout, $"Groq did not answer within {GroqDuration.ToSentence(_total)}, all attempts included.", exception);
        }
        catch (OperationCanceledException exception) when (exception.CancellationToken != _caller)
        {
            // Callers look for their own token in the exception.
            throw new OperationCanceledException(exception.Message, exception, _caller);
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}

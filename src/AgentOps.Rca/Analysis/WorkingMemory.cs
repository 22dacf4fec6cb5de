namespace AgentOps.Rca.Analysis;

/// <summary>
/// The memory that analyses and replays of large incidents take together: half of what the process may have. What finds too little left waits for its turn, oldest first;
/// what needs more than there is at all has it alone. Small incidents neither take nor wait.
/// </summary>
/// <param name="most">How many bytes there are.</param>
internal sealed class WorkingMemory(long most)
{
    // Measured: an analysis of 300,000 spans keeps up to 700 bytes of each, a replay up to 1,000.
    private const int BytesOfSpan = 1_024;
    private const int SmallIncident = 4_096;

    private readonly LinkedList<Waiter> _waiters = [];
    private readonly Lock _lock = new();
    private long _taken;

    /// <summary>That of the process: as with the pools of the platform, whoever works takes from the same.</summary>
    public static WorkingMemory Shared { get; } = new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    /// <summary>The bytes that are taken now.</summary>
    public long Taken
    {
        get
        {
            lock (_lock)
            {
                return _taken;
            }
        }
    }

    /// <summary>Waits until there is memory for so many spans.</summary>
    /// <param name="spans">How many.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>What gives it back.</returns>
    public async ValueTask<IDisposable?> TakeAsync(long spans, CancellationToken cancellationToken)
    {
        if (spans <= SmallIncident)
        {
            return null;
        }

        var waiter = new Waiter(Math.Min(spans * BytesOfSpan, most));
        lock (_lock)
        {
            _waiters.AddLast(waiter);
            LetIn();
        }

        try
        {
            await waiter.Turn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Share(this, waiter.Bytes);
        }
        catch
        {
            Leave(waiter);
            throw;
        }
    }

    private void LetIn()
    {
        while (_waiters.First is { } first && _taken + first.Value.Bytes <= most)
        {
            _waiters.RemoveFirst();
            _taken += first.Value.Bytes;
            first.Value.Turn.SetResult();
        }
    }

    private void Leave(Waiter waiter)
    {
        lock (_lock)
        {
            // Who was let in in the same moment gives back what it will not use.
            _taken -= _waiters.Remove(waiter) ? 0 : waiter.Bytes;
            LetIn();
        }
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes => bytes;

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Share(WorkingMemory memory, long bytes) : IDisposable
    {
        private WorkingMemory? _memory = memory;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _memory, null) is { } mine)
            {
                lock (mine._lock)
                {
                    mine._taken -= bytes;
                    mine.LetIn();
                }
            }
        }
    }
}

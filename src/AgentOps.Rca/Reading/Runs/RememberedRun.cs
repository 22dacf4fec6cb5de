namespace AgentOps.Rca.Reading;

/// <summary>The run of an incident with what was made of it; all of it follows from spans and content that do not change.</summary>
/// <param name="incidentId">The incident.</param>
/// <param name="table">Its spans.</param>
internal sealed class RememberedRun(Guid incidentId, SpanTable table)
{
    private const long MostWindowBytes = 32L * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly LinkedList<StepWindow> _windows = [];

    public Guid IncidentId => incidentId;

    public SpanTable Table => table;

    /// <summary>Which of the spans are steps of agents.</summary>
    public StepSkeleton Steps => field ??= StepSkeleton.Of(table);

    /// <summary>From when to when it is, and what failed.</summary>
    public RunExtent Extent => field ??= RunExtent.Of(table);

    /// <summary>How many bytes all of it takes, or somewhat more.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return table.Bytes + _windows.Sum(static window => window.Bytes);
            }
        }
    }

    /// <summary>The steps of a window that were read before, or null.</summary>
    public StepWindow? Find(int number)
    {
        lock (_lock)
        {
            for (var node = _windows.First; node is not null; node = node.Next)
            {
                if (node.Value.Number == number)
                {
                    _windows.Remove(node);
                    _windows.AddFirst(node);
                    return node.Value;
                }
            }

            return null;
        }
    }

    /// <summary>Remembers the steps of a window, and forgets others when they take too much.</summary>
    public void Remember(StepWindow window)
    {
        if (window.Bytes > MostWindowBytes)
        {
            return;
        }

        lock (_lock)
        {
            for (var node = _windows.First; node is not null; node = node.Next)
            {
                if (node.Value.Number == window.Number)
                {
                    _windows.Remove(node);
                    break;
                }
            }

            _windows.AddFirst(window);
            for (var bytes = _windows.Sum(static remembered => remembered.Bytes); bytes > MostWindowBytes; bytes -= _windows.Last!.Value.Bytes, _windows.RemoveLast())
            {
            }
        }
    }
}

using AgentOps.Rca.AspNetCore.Problems;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>A page of a listing: as many items as were asked for, and no more than the memory that there is for it. What does not fit is on the next page.</summary>
/// <param name="share">The memory of the request.</param>
/// <param name="limit">How many items were asked for.</param>
internal sealed class BoundedPage<T>(MemoryBudget.Share share, int limit)
{
    private const int MostBytes = 32 * 1024 * 1024;

    // As it was read, the index of its parts, the one that is read ahead, and as it is written.
    private const int TimesInMemory = 4;

    private static readonly ApiProblem TooMuch =
        new(ProblemKind.Busy, "What is being received and sent takes as much memory as this host gives it; ask again later.") { RetryAfter = MemoryBudget.RetryAfter };

    private long _bytes;

    public List<T> Items { get; } = [];

    /// <summary>Whether there are more items than these.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Why there is no page: not even one item fits now.</summary>
    public ApiProblem? Problem { get; private set; }

    /// <summary>Adds an item; false when the page is at its end.</summary>
    public bool TryAdd(T item, long bytes)
    {
        _bytes += bytes;
        if (Items.Count > 0 && (Items.Count == limit || _bytes > Math.Min(MostBytes, share.Most / 8)))
        {
            IsCut = true;
            return false;
        }

        if (share.TryGrowTo(_bytes * TimesInMemory))
        {
            Items.Add(item);
            return true;
        }

        (IsCut, Problem) = Items.Count > 0 ? (true, null) : (false, TooMuch);
        return false;
    }
}

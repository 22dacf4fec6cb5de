using System.Collections;

namespace AgentOps.Rca.Artifacts;

/// <summary>The digests of a table but for those that were taken out: a case of a million spans names as many, and has no room for a second set of them.</summary>
/// <param name="table">The digests; none may be added any more.</param>
internal sealed class NamedDigests(DigestTable table) : IReadOnlySet<ArtifactDigest>
{
    private readonly BitArray _isOut = new(table.Count);
    private int[]? _order;

    /// <inheritdoc/>
    public int Count { get; private set; } = table.Count;

    /// <summary>Takes a digest out.</summary>
    /// <param name="digest">The digest.</param>
    public void Remove(ArtifactDigest digest)
    {
        if (table.Find(digest) is >= 0 and var number && !_isOut[number])
        {
            _isOut[number] = true;
            Count--;
        }
    }

    /// <inheritdoc/>
    public bool Contains(ArtifactDigest item) => table.Find(item) is >= 0 and var number && !_isOut[number];

    /// <summary>In ascending order.</summary>
    public IEnumerator<ArtifactDigest> GetEnumerator()
    {
        foreach (var number in _order ??= InOrder())
        {
            if (!_isOut[number])
            {
                yield return table[number];
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool IsProperSubsetOf(IEnumerable<ArtifactDigest> other) => this.ToHashSet().IsProperSubsetOf(other);

    /// <inheritdoc/>
    public bool IsProperSupersetOf(IEnumerable<ArtifactDigest> other) => this.ToHashSet().IsProperSupersetOf(other);

    /// <inheritdoc/>
    public bool IsSubsetOf(IEnumerable<ArtifactDigest> other) => this.ToHashSet().IsSubsetOf(other);

    /// <inheritdoc/>
    public bool IsSupersetOf(IEnumerable<ArtifactDigest> other) => other.All(Contains);

    /// <inheritdoc/>
    public bool Overlaps(IEnumerable<ArtifactDigest> other) => other.Any(Contains);

    /// <inheritdoc/>
    public bool SetEquals(IEnumerable<ArtifactDigest> other) => this.ToHashSet().SetEquals(other);

    private int[] InOrder()
    {
        var order = new int[table.Count];
        var keys = new ulong[order.Length];
        var isInOrder = true;
        for (var number = 0; number < order.Length; number++)
        {
            (order[number], keys[number]) = (number, table[number].Start);
            isInOrder &= number == 0 || table[number - 1] < table[number];
        }

        if (isInOrder)
        {
            return order;
        }

        Array.Sort(keys, order);
        for (var from = 0; from < order.Length;)
        {
            var to = from + 1;
            while (to < order.Length && keys[to] == keys[from])
            {
                to++;
            }

            if (to - from > 1)
            {
                order.AsSpan(from, to - from).Sort((left, right) => table[left].CompareTo(table[right]));
            }

            from = to;
        }

        return order;
    }
}

using System.Collections;

namespace AgentOps.Rca.Artifacts;

/// <summary>The digests of a table but for those that were taken out: a case of a million spans names as many, and has no room for a second set of them.</summary>
/// <param name="table">The digests; none may be added any more.</param>
internal sealed class NamedDigests(DigestTable table) : IReadOnlySet<ArtifactDigest>
{
    private readonly DigestTable _table = table;
    private readonly BitArray _isOut = new(table.Count);
    private int[]? _order;

    /// <inheritdoc/>
    public int Count { get; private set; } = table.Count;

    /// <summary>The digest of a number of the table, taken out or not.</summary>
    /// <param name="number">The number.</param>
    public ArtifactDigest this[int number] => _table[number];

    /// <summary>Whether the digest of a number of the table was not taken out.</summary>
    /// <param name="number">The number.</param>
    public bool Holds(int number) => !_isOut[number];

    /// <summary>Takes a digest out.</summary>
    /// <param name="digest">The digest.</param>
    public void Remove(ArtifactDigest digest)
    {
        if (_table.Find(digest) is >= 0 and var number && !_isOut[number])
        {
            _isOut[number] = true;
            Count--;
        }
    }

    /// <summary>Which things of a table are among these digests, by their numbers there.</summary>
    /// <param name="digests">The digests.</param>
    /// <param name="of">The table.</param>
    public static BitArray NumbersOf(IReadOnlySet<ArtifactDigest> digests, DigestTable of)
    {
        if (digests is NamedDigests named && named._table == of)
        {
            return new BitArray(named._isOut).Not();
        }

        var numbers = new BitArray(of.Count);
        for (var number = 0; number < of.Count && digests.Count > 0; number++)
        {
            numbers[number] = digests.Contains(of[number]);
        }

        return numbers;
    }

    /// <inheritdoc/>
    public bool Contains(ArtifactDigest item) => _table.Find(item) is >= 0 and var number && !_isOut[number];

    /// <summary>In ascending order.</summary>
    public IEnumerator<ArtifactDigest> GetEnumerator()
    {
        foreach (var number in _order ??= InOrder())
        {
            if (!_isOut[number])
            {
                yield return _table[number];
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
        var order = new int[_table.Count];
        var keys = new ulong[order.Length];
        var isInOrder = true;
        for (var number = 0; number < order.Length; number++)
        {
            (order[number], keys[number]) = (number, _table[number].Start);
            isInOrder &= number == 0 || _table[number - 1] < _table[number];
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
                order.AsSpan(from, to - from).Sort((left, right) => _table[left].CompareTo(_table[right]));
            }

            from = to;
        }

        return order;
    }
}

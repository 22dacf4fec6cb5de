using System.Buffers.Binary;
using AgentOps.Rca.Columns;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Brings the ids of an index into their order, eight bytes at a time (a multikey sort: Bentley and Sedgewick, 1997): a million ids of one
/// trace begin with the same 33 characters, at which comparisons would look twenty million times.
/// </summary>
internal static class SpanIndexOrder
{
    private const int KeyLength = sizeof(ulong);

    // Below this, comparing is cheaper than making keys.
    private const int Few = 16;

    /// <summary>The numbers of the ids in the order of their bytes in UTF-8.</summary>
    /// <param name="ids">The ids.</param>
    public static int[] Of(Utf8Table ids)
    {
        var order = new int[ids.Count];
        for (var number = 0; number < order.Length; number++)
        {
            order[number] = number;
        }

        var keys = new ulong[order.Length];
        var open = new Stack<(int Start, int Length, int At)>([(0, order.Length, 0)]);
        while (open.TryPop(out var run))
        {
            var part = order.AsSpan(run.Start, run.Length);
            if (run.Length <= Few)
            {
                part.Sort((left, right) => ids[left].SequenceCompareTo(ids[right]));
                continue;
            }

            var own = keys.AsSpan(run.Start, run.Length);
            for (var i = 0; i < own.Length; i++)
            {
                own[i] = KeyOf(ids[part[i]], run.At);
            }

            own.Sort(part);
            Split(own, run, open);
        }

        return order;
    }

    // What is equal so far is told apart by what comes behind; an id that ends here has no U+0000, so equal ends are equal ids.
    private static void Split(ReadOnlySpan<ulong> keys, (int Start, int Length, int At) run, Stack<(int Start, int Length, int At)> open)
    {
        for (var from = 0; from < keys.Length;)
        {
            var to = from + 1;
            while (to < keys.Length && keys[to] == keys[from])
            {
                to++;
            }

            if (to - from > 1 && (byte)keys[from] != 0)
            {
                open.Push((run.Start + from, to - from, run.At + KeyLength));
            }

            from = to;
        }
    }

    private static ulong KeyOf(ReadOnlySpan<byte> id, int at)
    {
        if (at + KeyLength <= id.Length)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(id[at..]);
        }

        var key = 0UL;
        for (var i = 0; i < KeyLength; i++)
        {
            key = (key << 8) | (at + i < id.Length ? id[at + i] : 0UL);
        }

        return key;
    }
}

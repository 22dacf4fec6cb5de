using System.Text;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Sorts the entries of an index by id, eight bytes at a time (a multikey sort: Bentley and Sedgewick, 1997): a million ids of one trace begin
/// with the same 33 characters, at which comparisons would look twenty million times.
/// </summary>
internal static class SpanIndexOrder
{
    private const int KeyLength = sizeof(ulong);

    // Below this, comparing is cheaper than making keys.
    private const int Few = 16;

    /// <summary>Sorts by id (bytes of UTF-8).</summary>
    /// <param name="entries">The entries.</param>
    public static void Sort(Span<SpanIndex.Entry> entries)
    {
        foreach (var entry in entries)
        {
            if (!Ascii.IsValid(entry.SpanId))
            {
                entries.Sort(SpanIndex.Entry.ById);
                return;
            }
        }

        var keys = new ulong[entries.Length];
        var open = new Stack<(int Start, int Length, int At)>([(0, entries.Length, 0)]);
        while (open.TryPop(out var run))
        {
            var part = entries.Slice(run.Start, run.Length);
            if (run.Length <= Few)
            {
                part.Sort(SpanIndex.Entry.ById);
                continue;
            }

            var own = keys.AsSpan(run.Start, run.Length);
            for (var i = 0; i < own.Length; i++)
            {
                own[i] = KeyOf(part[i].SpanId, run.At);
            }

            own.Sort(part);
            Split(own, run, open);
        }
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

    private static ulong KeyOf(string id, int at)
    {
        var key = 0UL;
        for (var i = 0; i < KeyLength; i++)
        {
            key = (key << 8) | (at + i < id.Length ? (byte)id[at + i] : 0UL);
        }

        return key;
    }
}

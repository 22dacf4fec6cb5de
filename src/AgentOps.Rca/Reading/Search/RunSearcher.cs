using System.Text;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Reading;

/// <summary>Finds calls of a run by their names, agents, services and ids; in time linear in the calls, with memory for those that are given.</summary>
internal sealed class RunSearcher(IIncidentStore incidents, SpanTables tables)
{
    private const int MostHits = 1_000;
    private static readonly char[] Spaces = [' ', '\t', '\r', '\n'];

    public async ValueTask<RunSearchOutcome> ReadAsync(RunSearchQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Skip);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MostHits);
        if (await incidents.GetAsync(query.IncidentId, cancellationToken).ConfigureAwait(false) is null)
        {
            return new RunSearchOutcome.IncidentNotFound(query.IncidentId);
        }

        var run = await tables.ReadAsync(query.IncidentId, cancellationToken).ConfigureAwait(false);
        return new RunSearchOutcome.Found(Search(run.Table, run.Extent, query));
    }

    internal static RunSearchResult Search(SpanTable table, RunExtent extent, RunSearchQuery query)
    {
        var words = query.Text.Split(Spaces, StringSplitOptions.RemoveEmptyEntries);
        var named = words.Select(word => new Word(
            [.. table.Tools.Select(tool => Has(tool, word))],
            [.. table.Lanes.Select(lane => Has(lane.Agent, word) || Has(lane.Service, word))],
            word)).ToArray();
        List<RunSearchHit> found = [];
        var (row, count) = (-1, 0);
        foreach (var span in table.ByRank)
        {
            if (!RunExtent.IsDrawn(table, span))
            {
                continue;
            }

            row++;
            if (words.Length == 0 || !Fits(table, named, span) || count++ < query.Skip || found.Count == query.Limit)
            {
                continue;
            }

            var lane = table.Lanes[table.Lane[span]];
            found.Add(new RunSearchHit(
                table.IdOf(span), table.Tools[table.Tool[span]], lane.Agent, lane.Service, Milliseconds.Between(extent.StartNs, table.StartNs[span]),
                table.Flags[span].HasFlag(SpanMarks.Failed), row));
        }

        return new RunSearchResult { IncidentId = query.IncidentId, Count = count, Skip = query.Skip, Found = found };
    }

    private static bool Fits(SpanTable table, Word[] words, int span)
    {
        foreach (var word in words)
        {
            if (!word.ByTool[table.Tool[span]] && !word.ByLane[table.Lane[span]] && !HasInId(table, span, word.Text))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasInId(SpanTable table, int span, string word)
    {
        var id = table.IdBytesOf(span);
        if (id.Length < word.Length)
        {
            return false;
        }

        Span<char> text = id.Length <= 256 ? stackalloc char[256] : new char[id.Length];
        return ((ReadOnlySpan<char>)text[..Encoding.UTF8.GetChars(id, text)]).Contains(word, StringComparison.OrdinalIgnoreCase);
    }

    private static bool Has(string? name, string word) => name?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>A word, and which names it stands in: there are few of those.</summary>
    private sealed record Word(bool[] ByTool, bool[] ByLane, string Text);
}

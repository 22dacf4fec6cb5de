using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Reading;

/// <summary>
/// Lays the steps of two runs beside each other. Only steps of one kind and name are a pair; among the ways to pair them in their order, the
/// one is taken in which most are pairs and most of these say the same. The same runs are always laid the same way.
/// </summary>
internal static class StepAlignment
{
    private const int Pair = 4;
    private const int SameValue = 1;

    /// <summary>The places of each row in the left and in the right run; a negative one is a step that the other run lacks.</summary>
    public static List<(int Left, int Right)> Of(IReadOnlyList<AgentStep> left, IReadOnlyList<AgentStep> right)
    {
        var (leftKeys, rightKeys) = (left.Select(Keys.Of).ToArray(), right.Select(Keys.Of).ToArray());
        // Equal beginnings and ends are laid at once: most of two runs is the same.
        var start = 0;
        while (start < leftKeys.Length && start < rightKeys.Length && leftKeys[start] == rightKeys[start])
        {
            start++;
        }

        var end = 0;
        while (end < leftKeys.Length - start && end < rightKeys.Length - start && leftKeys[^(end + 1)] == rightKeys[^(end + 1)])
        {
            end++;
        }

        List<(int, int)> rows = [.. Enumerable.Range(0, start).Select(static at => (at, at))];
        rows.AddRange(Middle(leftKeys[start..^end], rightKeys[start..^end]).Select(row => (row.Left < 0 ? -1 : row.Left + start, row.Right < 0 ? -1 : row.Right + start)));
        rows.AddRange(Enumerable.Range(0, end).Select(at => (leftKeys.Length - end + at, rightKeys.Length - end + at)));
        return rows;
    }

    private static List<(int Left, int Right)> Middle(Keys[] left, Keys[] right)
    {
        var best = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                var skipped = Math.Max(best[i + 1, j], best[i, j + 1]);
                best[i, j] = left[i].Fits(right[j]) ? Math.Max(skipped, best[i + 1, j + 1] + Score(left[i], right[j])) : skipped;
            }
        }

        List<(int, int)> rows = [];
        for (var (i, j) = (0, 0); i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i].Fits(right[j]) && best[i, j] == best[i + 1, j + 1] + Score(left[i], right[j]))
            {
                rows.Add((i++, j++));
            }
            else if (j == right.Length || (i < left.Length && best[i + 1, j] >= best[i, j + 1]))
            {
                rows.Add((i++, -1));
            }
            else
            {
                rows.Add((-1, j++));
            }
        }

        return rows;
    }

    private static int Score(Keys left, Keys right) =>
        Pair + (left.Inputs is not null && left.Inputs == right.Inputs ? SameValue : 0) + (left.Outputs is not null && left.Outputs == right.Outputs ? SameValue : 0);

    private sealed record Keys(string Kind, string Name, string? Inputs, string? Outputs)
    {
        public static Keys Of(AgentStep step) => new(
            step.GetType().Name,
            step.Name,
            StepValues.Inputs(step) is { } given ? CanonicalJson.TextOf(given) : null,
            StepValues.Outputs(step) is { } said ? CanonicalJson.TextOf(said) : null);

        public bool Fits(Keys other) => Kind == other.Kind && Name == other.Name;
    }
}

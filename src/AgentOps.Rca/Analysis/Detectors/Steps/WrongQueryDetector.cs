using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A query that does not ask what its words seem to say, as the table's description in the same run shows: a range of days over a column of times, which ends when the last day begins; and a sum over a join
/// with a table of which several rows belong to one, which counts amounts more than once.
/// </summary>
internal sealed partial class WrongQueryDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostText = 20_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var query in run.Tools.Where(static tool => tool is { Failure: null, Arguments.Text.Length: <= MostText, Result: not null } && Select().IsMatch(tool.Arguments.Text)))
        {
            foreach (var sql in Changes.GivenTo(query).Select(static value => value.Value.ToString()).Where(static text => Select().IsMatch(text)))
            {
                if ((OfDays(run, query, sql) ?? OfJoin(run, query, sql)) is { } finding)
                {
                    return [finding];
                }
            }
        }

        return [];
    }

    private static Finding? OfDays(AgentRun run, ToolStep query, string sql)
    {
        foreach (Match range in Days().Matches(sql))
        {
            var column = range.Groups["column"].Value;

            // A day by itself is asked for as a range from itself to itself by nobody.
            if (range.Groups["from"].Value != range.Groups["to"].Value && TypeOf(run, query, column) is { } type && !IsMended(run, query, column))
            {
                var name = StepFindings.Say(query);
                return StepFindings.At(
                    (AgentStep?)query.Asker ?? query, "wrong_query", "wrong_argument", Proof.Causal, Strength,
                    $"{StepFindings.Say((AgentStep?)query.Asker ?? query)} called {name}{Words.At(query.Node.StartNs)} with {StepFindings.Quote(range.Value, 100)}, but {Words.Name(column)} holds times ({StepFindings.Quote(type.Value.GetString()!, 40)}): the range ends when {range.Groups["to"].Value} begins, and what came later on that day is left out.",
                    [
                        query.Arguments!.Say($"What {name} was asked.", "", range.Value),
                        type.Say($"What {StepFindings.Say(type.Source)} says of the column."),
                    ],
                    "Ask for times from the first day on and before the day after the last one, instead of between two days.", "wrong_query", explains: [query]);
            }
        }

        return null;
    }

    private static ResultValue? TypeOf(AgentRun run, ToolStep query, string column) => run.Tools.Where(tool => tool is { Failure: null, Result.Value.ValueKind: JsonValueKind.Object or JsonValueKind.Array } && tool.Number < query.Number)
        .SelectMany(static tool => ResultValue.In(tool, tool.Result!.Value)).FirstOrDefault(value => value.Value.ValueKind == JsonValueKind.String && value.Name.Equals(column, StringComparison.OrdinalIgnoreCase) && Timestamp().IsMatch(value.Value.GetString()!));

    // Whoever asks again with the day after it, or with a time, has seen it.
    private static bool IsMended(AgentRun run, ToolStep query, string column) => run.Tools.Any(later => later.Number > query.Number && later.Tool == query.Tool && later.Arguments is { } given
        && Regex.IsMatch(given.Text, $@"\b{Regex.Escape(column)}\b(?:::date)?\s*(?:<|BETWEEN[^;]{{0,60}}\d:\d\d)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));

    private static Finding? OfJoin(AgentRun run, ToolStep query, string sql)
    {
        if (Join().Match(sql) is not { Success: true } join || Sum().Matches(sql).FirstOrDefault(sum => sum.Groups["of"].Value.Equals(join.Groups["one"].Value, StringComparison.OrdinalIgnoreCase)) is not { } sum || Once().IsMatch(sql))
        {
            return null;
        }

        var table = join.Groups["many"].Value;
        var bare = table[(table.LastIndexOf('.') + 1)..];
        foreach (var tool in run.Tools.Where(tool => tool is { Failure: null, Result.Text.Length: <= MostText } && tool.Number < query.Number && tool.Arguments?.Text.Contains(bare, StringComparison.OrdinalIgnoreCase) == true))
        {
            if (Several().Match(tool.Result!.Text) is { Success: true } note && !run.Tools.Any(later => later.Number > query.Number && later.Tool == query.Tool && later.Arguments is { } given && Once().IsMatch(given.Text) && given.Text.Contains(bare, StringComparison.OrdinalIgnoreCase)))
            {
                var name = StepFindings.Say(query);
                return StepFindings.At(
                    (AgentStep?)query.Asker ?? query, "wrong_query", "wrong_argument", Proof.Causal, Strength,
                    $"{StepFindings.Say((AgentStep?)query.Asker ?? query)} called {name}{Words.At(query.Node.StartNs)} with {StepFindings.Quote(sum.Value, 60)} over a join with {Words.Name(table)}, of which {StepFindings.Say(tool)} says {StepFindings.Quote(note.Value, 80)}: an amount counts once for each of them.",
                    [
                        query.Arguments!.Say($"What {name} was asked.", "", sum.Value),
                        tool.Result.Say($"What {StepFindings.Say(tool)} says of the table.", "", note.Value),
                    ],
                    $"Sum each row once: ask with EXISTS, or join with the distinct keys of {Words.Name(table)}.", "wrong_query", explains: [query]);
            }
        }

        return null;
    }

    [GeneratedRegex(@"\bselect\b.{1,4000}\bfrom\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Select();

    [GeneratedRegex(@"(?<![:\w(])(?:\w+\.)?(?<column>\w+)\s+BETWEEN\s+(?:DATE\s+)?'(?<from>\d{4}-\d\d-\d\d)'\s+AND\s+(?:DATE\s+)?'(?<to>\d{4}-\d\d-\d\d)'", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Days();

    [GeneratedRegex(@"\b(?:timestamp\w*|datetime\w*)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"\bfrom\s+[\w.""]+\s+(?:as\s+)?(?<one>\w+)\s+(?:inner\s+|left\s+)?join\s+(?<many>[\w.""]+)\s+(?:as\s+)?\w+\s+(?:on|using)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Join();

    [GeneratedRegex(@"\bsum\(\s*(?<of>\w+)\.\w+\s*\)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sum();

    [GeneratedRegex(@"\bdistinct\b|\bexists\s*\(|\bin\s*\(\s*select\b|\bgroup\s+by\s+\w*\.?\w*id\b|\brow_number\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Once();

    [GeneratedRegex(@"[^"".]{0,60}\b(?:several|multiple|more than one|many)\s+(?:rows?|records?|lines?|entries|shipments|items)\b[^"".]{0,40}|\bone[- ]to[- ]many\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Several();
}

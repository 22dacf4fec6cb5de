namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>
/// Each figure must stand in a cited record with its unit, or follow from some: rounded, as a difference or sum of two of the same kind,
/// or as a count of the cited calls. And it must belong to the tool that the clause speaks of.
/// </summary>
internal sealed class FigureRule : IClaimRule
{
    private const int MostFigures = 60;
    private const decimal Tolerance = 0.1m;
    private const decimal LoosestBound = 4m;

    private static readonly HashSet<string> Countable = "call attempt time span record error failure request answer step tool run reply response entry".Split(' ')
        .Select(EnglishStem.Of).ToHashSet(StringComparer.Ordinal);

    public IEnumerable<Doubt> Check(ClaimView view) => view.Clauses.SelectMany(clause => Check(clause, view.Source));

    private static IEnumerable<Doubt> Check(Clause clause, ClaimSource source)
    {
        var tools = clause.Of(TokenKind.Tool).SelectMany(token => token.Tools).Distinct(StringComparer.Ordinal).ToList();
        var own = clause.Of(TokenKind.Tool).Select(token => token.Text).Distinct().Count() == 1 ? source.About(tools) : [];
        foreach (var (figure, at) in Figures.Of(clause.Tokens))
        {
            var hedge = Figures.HedgeBefore(clause.Tokens, at);
            if (!Follows(figure, hedge, source.All, source))
            {
                if (Figures.IsWord(clause.Tokens, at) && !Countable.Contains(Figures.NounAfter(clause.Tokens, at) ?? "") && figure.Unit.Length == 0)
                {
                    yield return Doubt.Unproven($"the cited records do not give the number {clause.Tokens[at].Text}");
                    continue;
                }

                yield return Doubt.Refuted($"the figure {clause.Tokens[at].Text} follows from no cited record");
            }
            else if (own.Count > 0 && own.Count < source.Records.Count && !Follows(figure, hedge, [.. own, source.Incident], source) && !IsCount(figure, clause, at, source))
            {
                yield return Doubt.Refuted($"the figure {clause.Tokens[at].Text} belongs to another tool than {tools[0]}");
            }
        }
    }

    private static bool Follows(Quantity figure, Hedge hedge, IReadOnlyList<SourceRecord> records, ClaimSource source)
    {
        var known = records.SelectMany(record => record.Quantities).Distinct().Take(MostFigures).ToList();
        return known.Exists(exact => Stands(figure, exact))
            || hedge != Hedge.None && known.Exists(exact => IsNear(figure, exact, hedge))
            || IsDerived(figure, hedge, known)
            || figure.Unit == Quantity.Time && Spans(records).Any(exact => figure.IsRounded(exact) || IsNear(figure, exact, hedge))
            || figure.Unit.Length == 0 && figure.Value == Math.Floor(figure.Value) && figure.Value is > 1 and < 1_000 && IsCount(figure, source);
    }

    private static bool Stands(Quantity figure, Quantity exact) =>
        figure.IsRounded(exact) && (exact.Step < figure.Step || figure.Value == exact.Value) && (figure.Unit.Length > 0 || SameNoun(figure, exact));

    // "96 seconds" is not "96 spans"; a figure without a noun, as of a status, agrees with any.
    private static bool SameNoun(Quantity left, Quantity right) => left.Noun is null || right.Noun is null || left.Noun == right.Noun
        || NeutralWords.Contains(left.Noun) || NeutralWords.Contains(right.Noun);

    private static bool IsNear(Quantity figure, Quantity exact, Hedge hedge) => figure.Unit == exact.Unit && SameNoun(figure, exact) && hedge switch
    {
        Hedge.Less => exact.Value <= figure.Value && exact.Value * LoosestBound >= figure.Value,
        Hedge.More => exact.Value >= figure.Value && exact.Value <= figure.Value * LoosestBound,
        Hedge.About => Math.Abs(figure.Value - exact.Value) <= Math.Abs(figure.Value) * Tolerance,
        _ => false,
    };

    private static bool IsDerived(Quantity figure, Hedge hedge, List<Quantity> known)
    {
        for (var i = 0; i < known.Count; i++)
        {
            for (var j = i + 1; j < known.Count; j++)
            {
                var (left, right) = (known[i], known[j]);
                if (left.Unit != right.Unit || figure.Unit != left.Unit || (left.Unit.Length == 0 && !SharesNoun(figure, left, right)))
                {
                    continue;
                }

                var step = Math.Max(left.Step, right.Step);
                var difference = new Quantity(Math.Abs(left.Value - right.Value), left.Unit, step);
                var sum = new Quantity(left.Value + right.Value, left.Unit, step);
                if (figure.IsRounded(difference) || figure.IsRounded(sum) || IsNear(figure, difference, hedge) || IsNear(figure, sum, hedge))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Sums and differences of bare numbers mean something only when all count the same.
    private static bool SharesNoun(Quantity figure, Quantity left, Quantity right) => left.Noun is { } noun && right.Noun == noun
        && (figure.Noun is null || figure.Noun == noun || NeutralWords.Contains(figure.Noun));

    /// <summary>How long cited spans took, where both ends are cited, and what lies between two cited times.</summary>
    private static IEnumerable<Quantity> Spans(IReadOnlyList<SourceRecord> records)
    {
        foreach (var node in records.GroupBy(record => record.Node).Where(node => node.Key is not null
            && node.Any(record => record.Cited?.Pointer == "/start_ts") && node.Any(record => record.Cited?.Pointer == "/end_ts")))
        {
            yield return new Quantity(node.Key!.DurationNs, Quantity.Time, 1);
        }

        var clocks = records.SelectMany(record => record.Clocks).Distinct(StringComparer.Ordinal).Select(Clocks.SecondsOfDay).OfType<decimal>().Take(MostFigures).ToList();
        foreach (var (first, second) in clocks.SelectMany((first, index) => clocks.Skip(index + 1).Select(second => (first, second))))
        {
            yield return new Quantity(Math.Abs(first - second) * 1_000_000_000m, Quantity.Time, 1_000_000_000m);
        }
    }

    private static bool IsCount(Quantity figure, ClaimSource source) => figure.Noun is { } noun && Countable.Contains(noun)
        && (figure.Value == source.Nodes.Count || source.Nodes.GroupBy(node => node.Tool).Any(tool => figure.Value == tool.Count() || figure.Value == source.Run.Calls([tool.Key]).Count));

    private static bool IsCount(Quantity figure, Clause clause, int at, ClaimSource source) =>
        Figures.IsWord(clause.Tokens, at) && IsCount(figure, source);
}

using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>
/// What a claim says to be cause and effect must be so in a cited record: in its words ("failed because …", "failed (“…”)"), or in the
/// order of time. What was reported as the symptom is never the cause of what was recorded.
/// </summary>
internal sealed class CauseRule : IClaimRule
{
    private const Meanings Bad = Meanings.Failure | Meanings.Refusal | Meanings.TimedOut | Meanings.Aborted;

    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var pair in view.Sentences.Select(sentence => Causality.Of(sentence.Tokens)).OfType<CausalPair>())
        {
            if (Check(pair, view.Source) is { } doubt)
            {
                yield return doubt;
            }
        }
    }

    private static Doubt? Check(CausalPair pair, ClaimSource source)
    {
        if (IsSymptom(pair.Cause, source) && !IsSymptom(pair.Effect, source))
        {
            return Doubt.Refuted("it makes the reported symptom the cause of what was recorded");
        }

        if (Times(pair, source) is { Cause: { } cause, Effect: { } effect } && cause.StartNs > effect.EndNs)
        {
            return Doubt.Refuted($"{cause.Tool} began after {effect.Tool} had ended");
        }

        var (direct, reversed) = (0, 0);
        foreach (var known in source.Records.SelectMany(PairsOf))
        {
            var (forth, back) = (Overlap(pair, known), Overlap(new CausalPair(pair.Effect, pair.Cause), known));
            (direct, reversed) = forth > direct || back > reversed ? (Math.Max(direct, forth), Math.Max(reversed, back)) : (direct, reversed);
        }

        return reversed > direct ? Doubt.Refuted("the cited record has cause and effect the other way round")
            : direct > 0 || IsSymptom(pair.Effect, source) && SaysFailure(pair.Cause, source) ? null
            : Doubt.Unproven("no cited record says that the one brought the other about");
    }

    /// <summary>What the records themselves say to be cause and effect; the words of an error are what its call failed of.</summary>
    private static IEnumerable<CausalPair> PairsOf(SourceRecord record)
    {
        foreach (var tokens in record.Sentences.Select(sentence => sentence.Tokens))
        {
            if (Causality.Of(tokens) is { } pair)
            {
                yield return pair;
                continue;
            }

            var bracket = tokens.ToList().FindIndex(token => token.IsMark("(", ":") || token.Is("with"));
            if (bracket > 0 && tokens.Take(bracket).Any(token => (token.Means & Bad) != 0))
            {
                yield return new CausalPair([.. tokens.Skip(bracket + 1)], [.. tokens.Take(bracket)]);
            }
        }
    }

    // Both sides must have something in common with theirs; else the pair is another one.
    private static int Overlap(CausalPair claimed, CausalPair known)
    {
        var (cause, effect) = (Common(claimed.Cause, known.Cause), Common(claimed.Effect, known.Effect));
        return cause > 0 && effect > 0 ? cause + effect : 0;
    }

    private static int Common(IReadOnlyList<ClaimToken> left, IReadOnlyList<ClaimToken> right)
    {
        var known = right.Where(Tells).Select(Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var meanings = right.Aggregate(Meanings.None, (all, token) => all | token.Means);
        return left.Where(Tells).Select(token => (Key: Key(token), token.Means)).DistinctBy(token => token.Key)
            .Count(token => known.Contains(token.Key) || token.Means != Meanings.None && (Carriers(token.Means) & meanings) != 0);
    }

    private static Meanings Carriers(Meanings meanings)
    {
        var all = Meanings.None;
        for (var rest = (long)meanings; rest != 0; rest &= rest - 1)
        {
            all |= Thesaurus.Carriers((Meanings)(rest & -rest));
        }

        return all;
    }

    private static bool Tells(ClaimToken token) => token.Kind != TokenKind.Mark && (token.Kind != TokenKind.Word || token.Means != Meanings.None || !NeutralWords.Contains(token.Stem));

    private static string Key(ClaimToken token) => token.Kind == TokenKind.Word ? token.Stem : token.Text;

    /// <summary>Whether this part speaks of what the incident tells, and of nothing that only the records have.</summary>
    private static bool IsSymptom(IReadOnlyList<ClaimToken> part, ClaimSource source)
    {
        const int shortest = 4;
        var words = part.Where(token => token.Kind == TokenKind.Word && (Tells(token) || token.Text.Length >= shortest)).ToList();
        var incident = words.Count(token => source.Incident.HasStem(token.Stem))
            + part.Count(token => token.Quantity is { } figure && source.Incident.Quantities.Any(figure.IsRounded));
        var other = words.Count(token => !source.Incident.HasStem(token.Stem) && source.Records.Any(record => record.HasStem(token.Stem)))
            + part.Count(token => token.Kind is TokenKind.Tool or TokenKind.Clock or TokenKind.Name || token.Quantity is { } figure && !source.Incident.Quantities.Any(figure.IsRounded));
        return incident > 0 && incident > other;
    }

    private static bool SaysFailure(IReadOnlyList<ClaimToken> part, ClaimSource source) =>
        part.Any(token => (token.Means & Bad) != 0) && source.Nodes.Any(node => node.Failure is not null);

    private static (SpanNode? Cause, SpanNode? Effect) Times(CausalPair pair, ClaimSource source) => (NodeOf(pair.Cause, source), NodeOf(pair.Effect, source));

    private static SpanNode? NodeOf(IReadOnlyList<ClaimToken> part, ClaimSource source)
    {
        var tools = part.Where(token => token.Kind == TokenKind.Tool).SelectMany(token => token.Tools).ToHashSet(StringComparer.Ordinal);
        var nodes = source.Nodes.Where(node => tools.Contains(node.Tool)).ToList();
        return nodes.Count == 1 ? nodes[0] : null;
    }
}

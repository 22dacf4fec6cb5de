namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>
/// A part of a claim that rests on the incident's words alone may say what the incident says and nothing else: with its "not", and with
/// most of its words. And a part must rest on something: one that tells an event in words of no record is the speaker's own.
/// </summary>
internal sealed class IncidentRule : IClaimRule
{
    private const double LeastShare = 0.5;

    private static readonly HashSet<string> Events = "stop end finish close open happen occur fall rise bring reach arrive turn leave come go continue remain stay become".Split(' ').Select(EnglishStem.Of).ToHashSet(StringComparer.Ordinal);

    public IEnumerable<Doubt> Check(ClaimView view) => view.Clauses.Select(clause => Check(clause, view.Source)).OfType<Doubt>();

    private static Doubt? Check(Clause clause, ClaimSource source)
    {
        if (clause.Tokens.Any(token => token.Kind is not (TokenKind.Word or TokenKind.Mark)))
        {
            return Tail(clause, source);
        }

        var told = clause.Tokens.Where(Tells).ToList();
        if (told.Count == 0)
        {
            return clause.Tokens.Any(token => token.Kind == TokenKind.Word && Events.Contains(token.Stem) && !source.HasStem(token.Stem))
                ? Doubt.Unproven("a part of it rests on no cited record") : null;
        }

        return IsAlone(told, source) ? Restates(clause.Tokens, told, source) : null;
    }

    private static bool Tells(ClaimToken token) => token.Kind == TokenKind.Word && (token.Means != Meanings.None || !NeutralWords.Contains(token.Stem));

    /// <summary>What follows an "and" after the last name or figure may be another sentence.</summary>
    private static Doubt? Tail(Clause clause, ClaimSource source)
    {
        var tokens = clause.Tokens.ToList();
        var last = tokens.FindLastIndex(token => token.Kind is not (TokenKind.Word or TokenKind.Mark));
        var and = tokens.FindIndex(last + 1, token => token.Is("and"));
        return and < 0 ? null : Check(new Clause(tokens[(and + 1)..]), source);
    }

    private static bool IsAlone(List<ClaimToken> told, ClaimSource source) => told.Exists(token => source.Incident.HasStem(token.Stem))
        && !told.Exists(token => source.Records.Any(record => record.HasStem(token.Stem)) || (token.Means & source.Means) != 0);

    private static Doubt? Restates(IReadOnlyList<ClaimToken> tokens, List<ClaimToken> told, ClaimSource source)
    {
        var stems = told.Select(token => token.Stem).ToHashSet(StringComparer.Ordinal);
        foreach (var sentence in source.Incident.Sentences)
        {
            var words = sentence.Tokens.Where(Tells).Select(token => token.Stem).ToHashSet(StringComparer.Ordinal);
            if (words.Count > 0 && words.Count(stems.Contains) >= words.Count * LeastShare && IsNegative(sentence.Tokens) == IsNegative(tokens))
            {
                return null;
            }
        }

        return Doubt.Unproven("the incident does not say that");
    }

    private static bool IsNegative(IReadOnlyList<ClaimToken> tokens) =>
        tokens.Any(token => Phrasing.IsNegator(token) || (token.Means & (Meanings.Failure | Meanings.Missing | Meanings.Empty | Meanings.Refusal)) != 0);
}

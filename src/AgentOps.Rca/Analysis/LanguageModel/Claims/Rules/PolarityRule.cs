namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>A claim must not say that something went well which the records show failed, nor turn a "not" of the records into its opposite.</summary>
internal sealed class PolarityRule : IClaimRule
{
    private const Meanings Negative = Meanings.Missing | Meanings.Empty | Meanings.Failure | Meanings.Invalid | Meanings.Expired | Meanings.Refusal | Meanings.Unavailable | Meanings.TimedOut;

    private const Meanings Bad = Meanings.Failure | Meanings.Refusal | Meanings.TimedOut | Meanings.Aborted | Meanings.Crashed;

    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var clause in view.Clauses)
        {
            var tools = clause.Of(TokenKind.Tool).SelectMany(token => token.Tools).ToList();
            var about = tools.Count > 0 && view.Source.About(tools) is { Count: > 0 } own ? own : view.Source.Records;
            var (well, badly) = (SaysWell(clause), SaysBadly(clause));
            if (well && !badly && about.Any(Failed) && !about.Any(Succeeded))
            {
                yield return Doubt.Refuted("it says that something went well which the cited records show failed");
            }
            else if (badly && !well && about.All(record => record.Node is { Failure: null }) && about.Any(Succeeded) && !about.Any(record => (record.Means & Bad) != 0))
            {
                yield return Doubt.Refuted("it says that something failed which the cited records show went well");
            }

            if (!badly && SaysDone(clause) && about.All(Failed))
            {
                yield return Doubt.Unproven("the cited records show no answer of a call that failed");
            }

            foreach (var (good, bad) in Thesaurus.Opposites)
            {
                var (claimsGood, claimsBad) = (Says(clause, good, bad), Says(clause, bad, good));
                if (claimsGood && !claimsBad && Any(about, bad) && !Any(about, good) || claimsBad && !claimsGood && Any(about, good) && !Any(about, bad))
                {
                    yield return Doubt.Refuted("the cited records say the opposite");
                    break;
                }
            }

            foreach (var doubt in Denied(clause, view.Source).Concat(Turned(clause, view.Source)))
            {
                yield return doubt;
            }
        }
    }

    /// <summary>"answered", "delivered", and nothing beside it that tells how.</summary>
    private static bool SaysDone(Clause clause) => clause.Of(TokenKind.Tool).Any() && !clause.Tokens.Any(token => token.Kind is TokenKind.Quote or TokenKind.Figure or TokenKind.Name)
        && clause.Tokens.Any(token => token is { IsNegated: false, IsBound: false } && token.Is("answered", "responded", "replied", "returned", "delivered", "completed", "worked", "served", "produced"));

    private static bool Says(Clause clause, Meanings meaning, Meanings opposite) => clause.Tokens.Any(token =>
        (token.Means & meaning) != 0 && (!token.IsNegated || token.IsBound) || (token.Means & opposite) != 0 && token.IsNegated && !token.IsBound);

    private static bool Any(IReadOnlyList<SourceRecord> records, Meanings meaning) => records.Any(record => (record.Means & meaning) != 0);

    /// <summary>A "not" must be the records' own: where they say all of it without one, it is denied; where they say no "not", it is not shown.</summary>
    private static IEnumerable<Doubt> Denied(Clause clause, ClaimSource source)
    {
        if (clause.Tokens.All(token => !Phrasing.IsNegator(token) || token.IsBound || token.Is("hardly")))
        {
            yield break;
        }

        var told = clause.Tokens.Where(token => token.Kind == TokenKind.Word && !Phrasing.IsNegator(token) && (token.Means != Meanings.None || !NeutralWords.Contains(token.Stem))).ToList();
        if (!source.All.Any(record => SaysNo(record) && (told.Count == 0 || told.Exists(token => record.HasStem(token.Stem)) || record != source.Incident && (record.Means & Negative) != 0)))
        {
            yield return told.Count > 0 && told.TrueForAll(token => WordRule.IsCarried(token, source))
                ? Doubt.Refuted("the records say it without a “not”")
                : Doubt.Unproven("no cited record says a “not”");
        }
    }

    private static bool SaysWell(Clause clause) => clause.Tokens.Any(token =>
        (token.Means & Meanings.Success) != 0 && !token.IsNegated || (token.Means & Bad) != 0 && token.IsNegated && !token.IsBound);

    private static bool SaysBadly(Clause clause) => clause.Tokens.Any(token =>
        (token.Means & Bad) != 0 && (!token.IsNegated || token.IsBound) || (token.Means & Meanings.Success) != 0 && token.IsNegated);

    private static bool Failed(SourceRecord record) => record.Node?.Failure is not null || (record.Means & Meanings.Failure) != 0 && record.Sentences.Any(sentence => sentence.Clauses.Any(SaysBadly));

    private static bool Succeeded(SourceRecord record) => record.Node?.Failure is null && record.Sentences.Any(sentence => sentence.Clauses.Any(SaysWell));

    /// <summary>A word that the records have only with a "not", or only without, and the clause only the other way.</summary>
    private static IEnumerable<Doubt> Turned(Clause clause, ClaimSource source)
    {
        var isNegative = clause.Tokens.Any(Phrasing.IsNegator) || clause.Means(Bad | Meanings.Missing | Meanings.Empty | Meanings.Invalid | Meanings.Expired);
        foreach (var token in clause.Tokens.Where(token => token is { Kind: TokenKind.Word, IsBound: false } && !NeutralWords.Contains(token.Stem) && !Phrasing.IsNegator(token)))
        {
            var places = source.All.SelectMany(record => record.Sentences).SelectMany(sentence => sentence.Tokens.Select((known, at) => (Token: known, At: at, sentence.Tokens)))
                .Where(known => known.Token.Kind == TokenKind.Word && known.Token.Stem == token.Stem).ToList();
            if (places.Count == 0)
            {
                continue;
            }

            if (!isNegative && places.TrueForAll(place => IsDenied(place.Tokens, place.At)))
            {
                yield return Doubt.Refuted($"the records say the opposite of “{token.Text}”");
            }
            else if (token.IsNegated && token.Means == Meanings.None && IsNext(clause.Tokens, token) && places.TrueForAll(place => !place.Token.IsNegated) && !source.All.Any(SaysNo))
            {
                yield return Doubt.Refuted($"the records say “{token.Text}” without a “not”");
            }
        }
    }

    // "was not imported", "no room was booked": the verb, and not every word that the "not" reaches.
    private static bool IsDenied(IReadOnlyList<ClaimToken> tokens, int at) => tokens[at].IsNegated && at > 0
        && (Phrasing.IsNegator(tokens[at - 1]) && !tokens[at - 1].Is("no", "without") || tokens[at - 1].Is("was", "were", "is", "are", "been", "be", "yet"));

    private static bool SaysNo(SourceRecord record) => (record.Means & Negative) != 0
        || record.Sentences.Any(sentence => sentence.Tokens.Any(Phrasing.IsNegator));

    // The first word after the "not" that says something.
    private static bool IsNext(IReadOnlyList<ClaimToken> tokens, ClaimToken token)
    {
        var at = tokens.ToList().IndexOf(token);
        for (var i = at - 1; i >= 0; i--)
        {
            if (Phrasing.IsNegator(tokens[i]))
            {
                return true;
            }

            if (tokens[i].Kind != TokenKind.Word || !NeutralWords.Contains(tokens[i].Stem))
            {
                return false;
            }
        }

        return false;
    }
}

namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>Two parts of a sentence, one of which is said to have brought the other about.</summary>
internal sealed record CausalPair(IReadOnlyList<ClaimToken> Cause, IReadOnlyList<ClaimToken> Effect);

/// <summary>Finds what a sentence says to be cause and effect.</summary>
internal static class Causality
{
    /// <summary>The pair that a sentence names, or null.</summary>
    public static CausalPair? Of(IReadOnlyList<ClaimToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (EffectFirst(tokens, i) is { } length)
            {
                if (i == 0)
                {
                    var comma = tokens.ToList().FindIndex(token => token.IsMark(","));
                    return comma < 0 ? null : Pair([.. tokens.Skip(length).Take(comma - length)], [.. tokens.Skip(comma + 1)]);
                }

                return Pair([.. tokens.Skip(i + length)], [.. tokens.Take(i)]);
            }

            if (i > 0 && CauseFirst(tokens, i) is { } width)
            {
                return Pair([.. tokens.Take(i)], [.. tokens.Skip(i + width)]);
            }
        }

        return null;
    }

    private static CausalPair? Pair(IReadOnlyList<ClaimToken> cause, IReadOnlyList<ClaimToken> effect) =>
        cause.Any(Tells) && effect.Any(Tells) ? new CausalPair(cause, effect) : null;

    // "is flagged because its structure changed" tells why it was looked at, not what brought it about.
    private static bool Tells(ClaimToken token) => token.Kind is TokenKind.Figure or TokenKind.Quote or TokenKind.Name
        || token.Kind == TokenKind.Word && (token.Means != Meanings.None || !NeutralWords.Contains(token.Stem) || token.Is("answer", "result", "response", "request"));

    private static int? EffectFirst(IReadOnlyList<ClaimToken> tokens, int at) =>
        tokens[at].Is("because") ? (Next(tokens, at, "of") ? 2 : 1)
        : tokens[at].Is("since") && !(at + 1 < tokens.Count && tokens[at + 1].Kind is TokenKind.Clock or TokenKind.Figure) && !Next(tokens, at, "then") ? 1
        : tokens[at].Is("due", "owing", "thanks") && Next(tokens, at, "to") ? 2
        : tokens[at].Is("caused", "triggered", "provoked", "explained", "produced", "forced") && Next(tokens, at, "by") ? 2
        : tokens[at].Is("stems", "stemmed", "resulted", "results", "follows", "followed") && Next(tokens, at, "from") ? 2
        : tokens[at].Is("account") && Next(tokens, at, "of") ? 2
        : tokens[at].Is("response", "reaction") && Next(tokens, at, "to") && at > 0 && tokens[at - 1].Is("in") ? 2
        : tokens[at].Is("goes", "went", "dates", "traces") && Next(tokens, at, "back") ? 3
        : tokens[at].Is("result", "consequence") && Next(tokens, at, "of") && at > 0 && tokens[at - 1].Is("a", "the", "as") && tokens.Take(at).Any(token => token.Is("was", "is", "were", "as")) ? 2
        : null;

    private static int? CauseFirst(IReadOnlyList<ClaimToken> tokens, int at) =>
        tokens[at].Is("therefore", "hence", "thus", "consequently", "thereby") ? 1
        : tokens[at].Is("so") && (tokens[at - 1].IsMark(",", ";") || Next(tokens, at, "that")) ? (Next(tokens, at, "that") ? 2 : 1)
        : tokens[at].Is("as") && Next(tokens, at, "a") && at + 2 < tokens.Count && tokens[at + 2].Is("result", "consequence") && !(at + 3 < tokens.Count && tokens[at + 3].Is("of")) ? 3
        : tokens[at].Is("led", "leads", "leading", "gave", "brought") && at + 1 < tokens.Count && (tokens[at + 1].Is("to", "about") || tokens[at + 1].Is("rise")) ? 2
        : tokens[at].Is("resulted", "results", "resulting", "ended") && Next(tokens, at, "in") && !tokens[at].Is("ended") ? 2
        : tokens[at].Is("caused", "causes", "causing", "triggered", "triggers", "triggering", "forced", "forces", "prevented", "prevents", "preventing", "provoked", "blocked", "delayed", "stopped") && !Next(tokens, at, "by") && !Passive(tokens, at) && HasObject(tokens, at) ? 1
        : tokens[at].Is("kept", "made", "makes", "making", "let", "left") && !Passive(tokens, at) && HasObject(tokens, at) && !ObjectIsDeed(tokens, at) ? 1
        : tokens[at].Is("held") && Next(tokens, at, "up") ? 2
        : tokens[at].Is("explains", "explained") && !Next(tokens, at, "by") ? 1
        : tokens[at].Is("why") && tokens[at - 1].Is("is", "was") ? 1
        : tokens[at].Is("behind") && tokens[at - 1].Is("is", "was", "lies", "lay", "stands", "stood") ? 1
        : tokens[at].Is("cause", "reason", "origin", "trigger") && at + 1 < tokens.Count && tokens[at + 1].Is("of", "for", "why") ? 2
        : tokens[at].Is("slowed") && HasObject(tokens, at) && !Passive(tokens, at) ? 1
        : null;

    private static bool Next(IReadOnlyList<ClaimToken> tokens, int at, string word) => at + 1 < tokens.Count && tokens[at + 1].Is(word);

    private static bool Passive(IReadOnlyList<ClaimToken> tokens, int at) => Next(tokens, at, "by") || tokens[at - 1].Is("was", "were", "been", "is", "are", "be", "being", "got");

    private static bool HasObject(IReadOnlyList<ClaimToken> tokens, int at) => at + 1 < tokens.Count
        && (tokens[at + 1].Kind is TokenKind.Tool or TokenKind.Name || tokens[at + 1].Is("the", "a", "an", "its", "it", "this", "that", "them", "all", "every", "their", "him", "her", "any", "each"));

    // "made the call" is no cause of the call.
    private static bool ObjectIsDeed(IReadOnlyList<ClaimToken> tokens, int at) =>
        tokens.Skip(at + 1).Take(4).Any(token => token.Is("call", "calls", "request", "requests", "attempt", "attempts", "mistake", "error", "track", "record", "use"))
        && !tokens.Skip(at + 2).Take(6).Any(token => token.Is("fail", "wait", "waiting", "time", "swell", "expire", "stop", "hang", "refuse", "crash", "end", "break", "run"));
}

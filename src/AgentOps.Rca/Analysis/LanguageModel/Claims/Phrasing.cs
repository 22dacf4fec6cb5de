namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>Finds phrases, meanings, negations and clauses in a sentence's words.</summary>
internal static class Phrasing
{
    private const int MostBetween = 3;
    private const int ReachOfNegation = 4;

    /// <summary>Gives each word its meaning, that of the phrase it stands in before its own, and marks what is negated.</summary>
    public static void Bind(IReadOnlyList<ClaimToken> tokens)
    {
        foreach (var (stems, meaning) in Thesaurus.Phrases)
        {
            for (var i = 0; i < tokens.Count; i++)
            {
                if (Match(tokens, i, stems) is { } matched)
                {
                    foreach (var at in matched)
                    {
                        tokens[at].IsBound = true;
                    }

                    tokens[matched[^1]].Means |= meaning;
                }
            }
        }

        foreach (var token in tokens.Where(token => token is { Kind: TokenKind.Word, IsBound: false }))
        {
            token.Means |= Thesaurus.Of(token.Stem);
        }

        Negate(tokens);
    }

    /// <summary>The clauses, split where a mark or a word joins two.</summary>
    public static IReadOnlyList<Clause> Split(IReadOnlyList<ClaimToken> tokens)
    {
        List<Clause> clauses = [];
        List<ClaimToken> current = [];
        foreach (var token in tokens)
        {
            if (token.IsMark(",", ";", ":", "–", "—", "(", ")") || token.Is("but", "while", "whereas", "although", "though", "which"))
            {
                Close();
            }
            else
            {
                current.Add(token);
            }
        }

        Close();
        return clauses;

        void Close()
        {
            if (current.Count > 0)
            {
                clauses.Add(new Clause(current));
                current = [];
            }
        }
    }

    public static bool IsNegator(ClaimToken token) => token.Kind == TokenKind.Word
        && (token.Is("not", "no", "never", "without", "neither", "nor", "none", "nobody", "nothing", "cannot", "hardly")
            || token.Text.EndsWith("n't", StringComparison.OrdinalIgnoreCase) || token.Text.EndsWith("n’t", StringComparison.OrdinalIgnoreCase));

    private static void Negate(IReadOnlyList<ClaimToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (!IsNegator(tokens[i]) || tokens[i].IsBound)
            {
                continue;
            }

            for (var j = i + 1; j < tokens.Count && j <= i + ReachOfNegation; j++)
            {
                if (tokens[j].IsMark(",", ";", ":", "(", ")") || tokens[j].Is("but", "because", "and", "which"))
                {
                    break;
                }

                tokens[j].IsNegated = !tokens[j].IsNegated;
            }
        }
    }

    private static List<int>? Match(IReadOnlyList<ClaimToken> tokens, int from, string[] stems)
    {
        List<int> matched = [];
        var at = from;
        for (var s = 0; s < stems.Length; s++)
        {
            if (stems[s] == "*")
            {
                var next = -1;
                for (var gap = 0; gap <= MostBetween && at + gap < tokens.Count; gap++)
                {
                    if (tokens[at + gap].Kind == TokenKind.Mark)
                    {
                        break;
                    }

                    if (Is(tokens[at + gap], stems[s + 1]))
                    {
                        next = at + gap;
                        break;
                    }
                }

                if (next < 0)
                {
                    return null;
                }

                at = next;
                continue;
            }

            if (at >= tokens.Count || !Is(tokens[at], stems[s]))
            {
                return null;
            }

            matched.Add(at++);
        }

        return matched;
    }

    private static bool Is(ClaimToken token, string stem) => token is { Kind: TokenKind.Word, IsBound: false }
        && (stem == "not" ? IsNegator(token) : token.Stem == stem);
}

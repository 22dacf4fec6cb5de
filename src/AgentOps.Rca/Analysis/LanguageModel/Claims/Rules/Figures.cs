namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>How exact a figure is said to be.</summary>
internal enum Hedge
{
    None,
    About,
    Less,
    More,
}

/// <summary>The figures of a clause, with their nouns and hedges.</summary>
internal static class Figures
{
    /// <summary>Each figure and the place of its token; fractions of a unit ("a tenth of a second") are figures, too.</summary>
    public static IEnumerable<(Quantity Figure, int At)> Of(IReadOnlyList<ClaimToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i] is { Kind: TokenKind.Figure, Quantity: { } quantity })
            {
                if (quantity.Unit.Length == 0 && UnitAfter(tokens, i) is { } unit)
                {
                    yield return (new Quantity(quantity.Value * unit.Factor, unit.Unit, quantity.Step * unit.Factor), i);
                }
                else if (quantity.Unit.Length == 0 && i + 1 < tokens.Count && tokens[i + 1].Is("thousand", "million", "k"))
                {
                    var factor = tokens[i + 1].Is("million") ? 1_000_000m : 1_000m;
                    yield return (new Quantity(quantity.Value * factor, "", quantity.Step * factor, NounAfter(tokens, i + 1)), i);
                }
                else
                {
                    yield return (quantity with { Noun = NounAfter(tokens, i) }, i);
                }
            }
            else if (tokens[i].Kind == TokenKind.Word && Quantity.FractionValue(tokens[i].Text) is { } share
                && i + 3 < tokens.Count && tokens[i + 1].Is("of", "a", "an") && tokens.Skip(i + 1).Take(3).Select(token => Quantity.UnitOf(token.Text)).FirstOrDefault(unit => unit is not null) is { } of)
            {
                yield return (new Quantity(share * of.Factor, of.Unit, share * of.Factor / 10), i);
            }
        }
    }

    /// <summary>What is counted, as a stem, or null.</summary>
    public static string? NounAfter(IReadOnlyList<ClaimToken> tokens, int at)
    {
        for (var i = at + 1; i < tokens.Count && i <= at + 2; i++)
        {
            if (tokens[i].Kind != TokenKind.Word || tokens[i].Is("of", "in", "at", "and", "or", "to", "for", "with", "by", "after", "before", "from", "on", "but", "while", "is", "was", "were"))
            {
                return null;
            }

            // "two failed calls": what is counted comes after the word for how it is.
            if (i == at + 1 && i + 1 < tokens.Count && tokens[i + 1] is { Kind: TokenKind.Word } && (tokens[i].Means != Meanings.None || tokens[i].Is("such", "more", "other", "different")) && !tokens[i + 1].Is("of", "in", "at", "and"))
            {
                continue;
            }

            return tokens[i].Stem;
        }

        return null;
    }

    public static bool IsWord(IReadOnlyList<ClaimToken> tokens, int at) => char.IsLetter(tokens[at].Text[0]);

    public static Hedge HedgeBefore(IReadOnlyList<ClaimToken> tokens, int at)
    {
        for (var i = Math.Max(0, at - 3); i < at; i++)
        {
            var than = i + 1 < tokens.Count && tokens[i + 1].Is("than");
            if (tokens[i].Is("less", "fewer", "shorter", "smaller", "lower", "faster", "sooner") && than || tokens[i].Is("under", "below", "within"))
            {
                return Hedge.Less;
            }

            if (tokens[i].Is("more", "longer", "larger", "greater", "higher", "slower", "later") && than || tokens[i].Is("over", "above", "exceeding", "beyond", "exceeded"))
            {
                return Hedge.More;
            }

            if (tokens[i].Is("about", "around", "roughly", "nearly", "almost", "approximately", "circa", "some"))
            {
                return Hedge.About;
            }
        }

        return Hedge.None;
    }

    private static (string Unit, decimal Factor)? UnitAfter(IReadOnlyList<ClaimToken> tokens, int at) =>
        at + 1 < tokens.Count && tokens[at + 1].Kind == TokenKind.Word && tokens[at + 1].Text.Length > 1 ? Quantity.UnitOf(tokens[at + 1].Text) : null;
}

namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>"A took 3 s, less than the 5 s of B": two figures that are compared must compare so.</summary>
internal sealed class ComparisonRule : IClaimRule
{
    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var sentence in view.Sentences)
        {
            var figures = Figures.Of(sentence.Tokens).ToList();
            for (var i = 1; i < figures.Count; i++)
            {
                var (right, at) = figures[i];
                var (left, before) = figures[i - 1];
                var isLess = Compares(sentence.Tokens, before, at, "less", "fewer", "shorter", "smaller", "lower", "faster", "below", "under");
                var isMore = Compares(sentence.Tokens, before, at, "more", "longer", "larger", "greater", "higher", "slower", "above");
                if (left.Unit == right.Unit && (isLess && left.Value >= right.Value || isMore && left.Value <= right.Value))
                {
                    yield return Doubt.Refuted($"{sentence.Tokens[before].Text} is not {(isLess ? "less" : "more")} than {sentence.Tokens[at].Text}");
                }
            }
        }
    }

    private static bool Compares(IReadOnlyList<ClaimToken> tokens, int from, int to, params ReadOnlySpan<string> words)
    {
        for (var i = from + 1; i < to; i++)
        {
            if (tokens[i].Is(words) && !tokens[i].IsNegated && (tokens[i].Is("below", "under", "above") ? to - i <= 4 : i + 1 < to && tokens[i + 1].Is("than")))
            {
                return true;
            }
        }

        return false;
    }
}

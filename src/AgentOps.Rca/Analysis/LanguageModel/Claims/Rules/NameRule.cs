namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>Names, ids, addresses and versions must stand in what is cited; nobody makes them up by chance.</summary>
internal sealed class NameRule : IClaimRule
{
    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var sentence in view.Sentences)
        {
            for (var i = 0; i < sentence.Tokens.Count; i++)
            {
                var token = sentence.Tokens[i];
                if (token.Kind == TokenKind.Name ? Unknown(view.Source, token.Text) : IsProper(sentence.Tokens, i) && Unknown(view.Source, token.Text) && IsNoWord(view.Source, token))
                {
                    yield return Doubt.Refuted($"{token.Text} stands in no cited record");
                }
            }
        }
    }

    private static bool Unknown(ClaimSource source, string name) => !source.All.Any(record => record.HoldsName(name));

    private static bool IsNoWord(ClaimSource source, ClaimToken token) =>
        token.Means == Meanings.None && !NeutralWords.Contains(token.Stem) && !source.HasStem(token.Stem);

    /// <summary>A capital letter within a sentence makes a name.</summary>
    private static bool IsProper(IReadOnlyList<ClaimToken> tokens, int at) => at > 0 && tokens[at].Kind == TokenKind.Word && char.IsUpper(tokens[at].Text[0])
        && tokens[at].Text.Length > 1 && !NeutralWords.IsCapitals(tokens[at].Text) && !tokens[at - 1].IsMark(":", "–", "—");
}

namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>
/// Each word that says something must be carried by a cited record or by the incident: the same word in any form, or another of the same
/// meaning. A word that is not is the speaker's own; it makes the sentence a reading and no lie.
/// </summary>
internal sealed class WordRule : IClaimRule
{
    public IEnumerable<Doubt> Check(ClaimView view)
    {
        var own = view.Tokens.Where(token => token.Kind == TokenKind.Word && !IsCarried(token, view.Source)).Select(token => token.Text).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (own.Count > 0)
        {
            yield return Doubt.Unproven($"no cited record speaks of {string.Join(", ", own.Select(word => $"“{word}”"))}");
        }
    }

    public static bool IsCarried(ClaimToken token, ClaimSource source)
    {
        if (token.IsBound)
        {
            return token.Means == Meanings.None || IsMeant(token.Means, source.Means | source.Incident.Means);
        }

        return token.Text.Split('-').All(part => part.Length < 2 || IsCarried(part, source));
    }

    private static bool IsCarried(string word, ClaimSource source)
    {
        var stem = EnglishStem.Of(word);
        return NeutralWords.Contains(stem) || NeutralWords.IsCapitals(word) || source.HasStem(stem) || IsMeant(Thesaurus.Of(stem), source.Means | source.Incident.Means);
    }

    private static bool IsMeant(Meanings meanings, Meanings known)
    {
        for (var rest = (long)meanings; rest != 0; rest &= rest - 1)
        {
            if ((Thesaurus.Carriers((Meanings)(rest & -rest)) & known) != 0)
            {
                return true;
            }
        }

        return false;
    }
}

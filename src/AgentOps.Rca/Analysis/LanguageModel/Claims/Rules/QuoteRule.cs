namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>Words in quotation marks must stand in what is cited, letter for letter.</summary>
internal sealed class QuoteRule : IClaimRule
{
    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var (clause, quote) in view.Clauses.SelectMany(clause => clause.Of(TokenKind.Quote).Where(token => token.Text.Length > 0).Select(quote => (clause, quote))))
        {
            var tools = clause.Of(TokenKind.Tool).ToList();
            if (tools.Select(tool => tool.Text).Distinct().Count() == 1 && !clause.Means(Meanings.Caller)
                && view.Source.About(tools[0].Tools) is { Count: > 0 } own && own.Count < view.Source.Records.Count
                && !own.Append(view.Source.Incident).Any(record => Holds(record.Text, quote.Text)) && view.Source.Records.Any(record => Holds(record.Text, quote.Text)))
            {
                yield return Doubt.Refuted($"“{quote.Text}” belongs to another tool than {tools[0].Text}");
            }

            if (!view.Source.All.Any(record => Holds(record.Text, quote.Text)))
            {
                // One plain word between marks may be a manner of speaking.
                yield return quote.Text.All(char.IsLower) ? Doubt.Unproven($"no cited record says “{quote.Text}”") : Doubt.Refuted($"no cited record says “{quote.Text}”");
            }
        }
    }

    private static bool Holds(string text, string quote) => text.Contains(quote, StringComparison.OrdinalIgnoreCase)
        || Plain(text).Contains(Plain(quote), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string text) => string.Join(' ', text.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\n", " ", StringComparison.Ordinal)
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}

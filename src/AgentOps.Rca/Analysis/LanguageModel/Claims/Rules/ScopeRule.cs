namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>"All", "only", "always", "both": such words are counted in the run; what reaches beyond the run is refused.</summary>
internal sealed class ScopeRule : IClaimRule
{
    private const decimal NearlyAll = 0.85m;
    private const Meanings Bad = Meanings.Failure | Meanings.Refusal | Meanings.TimedOut | Meanings.Aborted;

    private static readonly HashSet<string> Beyond = "user users customer customers others runs tenants clients people agents everybody everyone systems days weeks region regions deployments incidents".Split(' ').ToHashSet(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var sentence in view.Sentences)
        {
            for (var i = 0; i < sentence.Tokens.Count; i++)
            {
                if (sentence.Tokens[i] is { Kind: TokenKind.Word, IsBound: false } && Check(sentence.Tokens, i, view.Source) is { } doubt)
                {
                    yield return doubt;
                }
            }
        }
    }

    private static Doubt? Check(IReadOnlyList<ClaimToken> tokens, int at, ClaimSource source)
    {
        var word = tokens[at];
        if (source.Records.Any(record => record.Sentences.Any(sentence => sentence.Tokens.Any(token => token.Is(word.Text.ToLowerInvariant())))) && !Reaches(tokens, at, source))
        {
            return null;
        }

        if (word.Is("always", "everywhere", "invariably", "constantly", "permanently", "forever", "generally", "regularly"))
        {
            return Doubt.Refuted($"“{word.Text}” says more than a run can show");
        }

        if (word.Is("both"))
        {
            return source.Nodes.Count == 2 || source.Records.Count == 2 || tokens.Skip(at).Take(6).Any(token => token.Is("and")) ? null : Doubt.Unproven("the cited records are not two");
        }

        if (word.Is("all", "every", "each", "none", "nobody", "everyone", "everything", "entire", "whole", "any"))
        {
            return word.Is("all", "every") && at > 0 && tokens[at - 1].Is("nearly", "almost", "practically", "virtually") ? (IsNearlyAll(tokens, source) ? null : Doubt.Unproven("how many are meant does not follow from the cited records"))
                : Reaches(tokens, at, source) ? Doubt.Refuted("it speaks of more than this run")
                : word.Is("entire", "whole", "any", "everything") ? null
                : Counted(tokens, source);
        }

        if (word.Is("no", "nothing") && at + 1 < tokens.Count && tokens[at + 1].Is("other", "else", "further") || word.Is("alone"))
        {
            return Doubt.Unproven("that there is no other does not follow from the cited records");
        }

        return word.Is("only", "solely", "exclusively", "sole") ? Only(tokens, at, source)
            : word.Is("many", "several", "numerous", "dozens", "hundreds", "often", "frequently", "usually", "mostly", "sometimes") ? (source.Nodes.Count > 2 ? null : Doubt.Unproven("how many are meant does not follow from the cited records"))
            : word.Is("certain", "certainly", "definitely", "undoubtedly", "entirely", "totally") ? Doubt.Unproven($"“{word.Text}” is more than the records say")
            : word.Is("slowest", "longest", "fastest") && tokens.Any(token => token.Is("run", "all")) ? Extreme(word, source)
            : word.Is("most", "majority") && !(at > 0 && tokens[at - 1].Is("at")) ? Doubt.Unproven("how many are meant does not follow from the cited records")
            : null;
    }

    private static bool Reaches(IReadOnlyList<ClaimToken> tokens, int at, ClaimSource source) =>
        tokens.Skip(at + 1).Take(3).Any(token => token.Kind == TokenKind.Word && Beyond.Contains(token.Text) && !source.Records.Any(record => record.HasStem(token.Stem)))
        || tokens.Skip(at).Any(token => token.Is("since", "ever")) && tokens.Any(token => token.Is("since")) && tokens.Any(token => token.Is("every", "all"));

    /// <summary>The slowest or fastest of the whole run: no other call that makes no calls itself took longer or less.</summary>
    private static Doubt? Extreme(ClaimToken word, ClaimSource source)
    {
        var leaves = source.Run.Calls(source.Run.Tools).Where(call => call.Children.Count == 0).ToList();
        var said = source.Nodes.Select(node => node.DurationNs).ToList();
        var holds = said.Count > 0 && leaves.TrueForAll(call => word.Is("fastest") ? call.DurationNs >= said.Min() : call.DurationNs <= said.Max());
        return holds ? null : Doubt.Refuted($"another call of the run is the {word.Text}");
    }

    private static bool IsNearlyAll(IReadOnlyList<ClaimToken> tokens, ClaimSource source)
    {
        var values = tokens.Where(token => token.Kind == TokenKind.Figure).Select(token => token.Quantity!)
            .SelectMany(part => source.Records.SelectMany(record => record.Quantities).Where(whole => whole.Unit == part.Unit && whole.Value >= part.Value && whole.Value > 0).Select(whole => part.Value / whole.Value));
        return values.Any(share => share is >= NearlyAll and < 1);
    }

    /// <summary>All calls of a tool, or of the run: do they all end as it is said?</summary>
    private static Doubt? Counted(IReadOnlyList<ClaimToken> tokens, ClaimSource source)
    {
        var tools = tokens.Where(token => token.Kind == TokenKind.Tool).SelectMany(token => token.Tools).Distinct(StringComparer.Ordinal).ToList();
        var calls = tools.Count > 0 ? source.Run.Calls(tools) : source.Run.Calls(source.Run.Tools);
        var badly = tokens.Any(token => (token.Means & Bad) != 0 && !token.IsNegated);
        var well = tokens.Any(token => (token.Means & Meanings.Success) != 0 && !token.IsNegated);
        var failed = calls.Count(call => call.Failure is not null);
        return badly && failed < calls.Count || well && failed > 0 ? Doubt.Refuted($"{failed} of {calls.Count} calls failed")
            : badly && tools.Count > 0 && calls.Count > 1 ? null
            : Doubt.Unproven("that it holds of all of them does not follow from the cited records");
    }

    private static Doubt? Only(IReadOnlyList<ClaimToken> tokens, int at, ClaimSource source)
    {
        if (at + 1 < tokens.Count && (tokens[at + 1].Kind is TokenKind.Figure or TokenKind.Clock || tokens[at + 1].Is("after", "when", "once", "at", "a", "in", "part", "then", "because")))
        {
            return null;
        }

        var tools = tokens.Where(token => token.Kind == TokenKind.Tool).SelectMany(token => token.Tools).Distinct(StringComparer.Ordinal).ToList();
        var calls = source.Run.Calls(tools);
        if (tools.Count > 0 && tokens.Any(token => (token.Means & Bad) != 0 && !token.IsNegated))
        {
            var others = source.Run.Calls(source.Run.Tools.Except(tools)).Count(call => call.Failure is not null && !call.Children.Any(child => child.Failure is not null));
            return others == 0 ? null : Doubt.Refuted($"{others} calls of other tools failed, too");
        }

        return calls.Count == 1 ? null : Doubt.Unproven("that there is no other does not follow from the cited records");
    }
}

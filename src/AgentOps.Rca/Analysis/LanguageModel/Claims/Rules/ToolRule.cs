namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>The tools that a claim names must be those of the records it cites, in the part that they have there.</summary>
internal sealed class ToolRule : IClaimRule
{
    /// <summary>Meanings that are said of a call; others may be said of several.</summary>
    private const Meanings OfOneCall = Meanings.Failure | Meanings.Error | Meanings.Refusal | Meanings.TimedOut | Meanings.Aborted | Meanings.Slow | Meanings.Fast | Meanings.Limit
        | Meanings.Empty | Meanings.Missing | Meanings.Old | Meanings.Expired | Meanings.Invalid | Meanings.Success | Meanings.Crashed | Meanings.Truncated | Meanings.Changed;

    public IEnumerable<Doubt> Check(ClaimView view)
    {
        var source = view.Source;
        if (view.Claim.Tool is { } about && !source.Records.Any(record => record.IsOf([about]) || record.Names(about)))
        {
            yield return IsNear(source, [about]) ? Doubt.Unproven($"no cited record is about {about}") : Doubt.Refuted($"no cited record is about {about}");
        }

        foreach (var tool in view.Tokens.Where(token => token.Kind == TokenKind.Tool))
        {
            if (!source.All.Any(record => record.IsOf(tool.Tools) || tool.Tools.Any(record.Names)))
            {
                yield return IsNear(source, tool.Tools) ? Doubt.Unproven($"no cited record is about {tool.Text}") : Doubt.Refuted($"no cited record is about {tool.Text}");
            }
        }

        foreach (var doubt in view.Clauses.SelectMany(clause => CheckPart(clause, source)).Concat(view.Sentences.SelectMany(sentence => CheckCaller(sentence, source))))
        {
            yield return doubt;
        }
    }

    /// <summary>What is said of the one tool of a clause must be said by the records about that tool, not by those about another.</summary>
    private static IEnumerable<Doubt> CheckPart(Clause clause, ClaimSource source)
    {
        var tools = clause.Of(TokenKind.Tool).ToList();
        if (tools.Select(tool => tool.Text).Distinct().Count() != 1 || source.About(tools[0].Tools) is not { Count: > 0 } own || own.Count == source.Records.Count)
        {
            yield break;
        }

        // After the tool, and not behind a "made by": the subject of what is said.
        foreach (var token in clause.Tokens.SkipWhile(token => token != tools[0]).Where(token => token.Means != Meanings.None && !clause.Means(Meanings.Caller)))
        {
            for (var rest = (long)(token.Means & OfOneCall); rest != 0; rest &= rest - 1)
            {
                var carriers = Thesaurus.Carriers((Meanings)(rest & -rest));
                if (!own.Any(record => (record.Means & carriers) != 0) && source.Records.Any(record => (record.Means & carriers) != 0))
                {
                    yield return Doubt.Refuted($"the cited records say “{token.Text}” of another tool than {tools[0].Text}");
                }
            }
        }
    }

    /// <summary>Who called whom must be so in the tree of spans.</summary>
    private static IEnumerable<Doubt> CheckCaller(Sentence sentence, ClaimSource source)
    {
        var tools = sentence.Tokens.Where(token => token.Kind == TokenKind.Tool).DistinctBy(token => token.Text).ToList();
        if (tools.Count == 2 && Caller(sentence.Tokens, tools[0], tools[1]) is { } caller)
        {
            var called = caller == tools[0] ? tools[1] : tools[0];
            var calls = source.Run.Calls(called.Tools);
            if (source.Records.Any(record => record.IsOf(caller.Tools) && SaysCalledBy(record, called)))
            {
                yield return Doubt.Refuted($"{called.Text} called {caller.Text}, not the other way round");
            }
            else if (source.Records.Any(record => record.IsOf(called.Tools) && SaysCalledBy(record, caller)))
            {
                yield break;
            }
            else if (calls.Count > 0 && !calls.Any(call => call.Parent is { } parent && caller.Tools.Contains(parent.Tool)))
            {
                yield return calls.Any(call => call.Children.Any(child => caller.Tools.Contains(child.Tool)))
                    ? Doubt.Refuted($"{called.Text} called {caller.Text}, not the other way round")
                    : Doubt.Unproven($"no record shows that {caller.Text} called {called.Text}");
            }
        }
    }

    private static bool SaysCalledBy(SourceRecord record, ClaimToken tool) => record.Sentences.Any(sentence =>
        sentence.Tokens.Any(token => (token.Means & Meanings.Caller) != 0)
        && sentence.Tokens.SkipWhile(token => !token.Is("by", "from")).Any(token => token.Kind == TokenKind.Tool && token.Tools.Intersect(tool.Tools).Any()));

    private static ClaimToken? Caller(IReadOnlyList<ClaimToken> tokens, ClaimToken first, ClaimToken second)
    {
        var (one, two) = (tokens.ToList().IndexOf(first), tokens.ToList().IndexOf(second));
        for (var i = 0; i < tokens.Count; i++)
        {
            // "was called by B", "came from B", "was called by it"; "A was the caller"; "A called B".
            if ((tokens[i].Means & Meanings.Caller) != 0 && tokens[i].Is("by", "from") || tokens[i].Is("by") && i > 0 && (tokens[i - 1].Means & Meanings.Caller) != 0)
            {
                return i < two && i > one ? second : i + 1 < tokens.Count && tokens[i + 1].Is("it", "this", "that") ? first : i < one ? first : null;
            }

            if (tokens[i].Is("caller", "parent"))
            {
                return i > one && i < two && tokens.Skip(one).Take(i - one).Any(token => token.Is("is", "was")) ? first
                    : i > two && tokens.Skip(two).Take(i - two).Any(token => token.Is("is", "was")) ? second : null;
            }

            if (i > one && i < two && i - one <= 2 && tokens.Skip(i + 1).Take(two - i - 1).All(token => token.Is("the", "a", "an")) && tokens[i].Is("called", "invoked", "calls", "invokes", "started", "issued", "launched") && !tokens[i - 1].Is("was", "were", "been", "is"))
            {
                return first;
            }
        }

        return null;
    }

    private static bool IsNear(ClaimSource source, IReadOnlyList<string> tools) => source.Nodes.Any(node =>
        node.Parent is { } parent && tools.Contains(parent.Tool) || node.Children.Any(child => tools.Contains(child.Tool)));
}

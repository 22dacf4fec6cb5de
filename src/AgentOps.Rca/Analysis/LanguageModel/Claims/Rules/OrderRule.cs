namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>What a claim puts before something else must have begun before it.</summary>
internal sealed class OrderRule : IClaimRule
{
    private const int Nearby = 8;

    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var sentence in view.Sentences)
        {
            foreach (var (first, second, tightly) in Pairs(sentence.Tokens))
            {
                if (TimeOf(first, view.Source) is { } early && TimeOf(second, view.Source) is { } late)
                {
                    // Clocks that are told tell whole seconds.
                    if (early - late >= 1 || early > late && early % 1 != 0 && late % 1 != 0)
                    {
                        yield return Doubt.Refuted("the records have the other order in time");
                    }
                }
                else if (tightly)
                {
                    yield return Doubt.Unproven("the order in time does not follow from the cited records");
                }
            }
        }
    }

    /// <summary>What is said to come first, and what after it; the last tells whether nothing but an order can be meant.</summary>
    private static IEnumerable<(IReadOnlyList<ClaimToken> First, IReadOnlyList<ClaimToken> Second, bool Tightly)> Pairs(IReadOnlyList<ClaimToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var isBefore = tokens[i].Is("before") || tokens[i].Is("prior") || tokens[i].Is("earlier") && Next(tokens, i, "than") || tokens[i].Is("preceded", "precedes");
            var isAfter = tokens[i].Is("after") || tokens[i].Is("later") && Next(tokens, i, "than") || tokens[i].Is("followed") && !Next(tokens, i, "by") || tokens[i].Is("followed") && Next(tokens, i, "from");
            if (tokens[i].Is("followed") && Next(tokens, i, "by") || i > 0 && tokens[i].Is("then", "afterwards", "subsequently")
                || tokens[i].Is("again") && Next(tokens, i, "at") || tokens[i].Is("when") && tokens.Take(i).Any(token => token.Is("already")))
            {
                (isBefore, isAfter) = (true, false);
            }

            if (!isBefore && !isAfter || (tokens[i].Is("after") && Next(tokens, i, "all")))
            {
                continue;
            }

            var left = tokens.Take(i).ToList();
            var right = tokens.Skip(i + 1).ToList();
            if (i == 0)
            {
                var comma = right.FindIndex(token => token.IsMark(","));
                if (comma < 0)
                {
                    yield break;
                }

                (left, right) = (right[(comma + 1)..], right[..comma]);
            }

            // "after 30 s" is a duration and no event.
            if (right.Find(token => token.Kind != TokenKind.Mark) is not { } next || next.Kind == TokenKind.Figure)
            {
                continue;
            }

            yield return isBefore ? (left, right, true) : (right, left, true);
        }
    }

    private static bool Next(IReadOnlyList<ClaimToken> tokens, int at, string word) => at + 1 < tokens.Count && tokens[at + 1].Is(word);

    /// <summary>When a part of a sentence happened, in seconds of the day: by its own clock, by its tool's cited call, or by the record with its words.</summary>
    private static decimal? TimeOf(IReadOnlyList<ClaimToken> part, ClaimSource source)
    {
        const decimal day = 86_400_000_000_000m;
        if (part.LastOrDefault(token => token.Kind == TokenKind.Clock) is { } clock && source.All.Any(record => record.Clocks.Any(known => Clocks.Agree(clock.Text, known))))
        {
            return Clocks.SecondsOfDay(clock.Text);
        }

        var tools = part.Where(token => token.Kind == TokenKind.Tool).SelectMany(token => token.Tools).ToHashSet(StringComparer.Ordinal);
        var nodes = source.Nodes.Where(node => tools.Contains(node.Tool)).ToList();
        if (nodes.Count == 1)
        {
            var isEnd = part.Any(token => token.Is("ended", "finished", "returned", "completed", "done"));
            return (isEnd ? nodes[0].EndNs : nodes[0].StartNs) % day / 1_000_000_000m;
        }

        var words = part.Where(token => token.Kind == TokenKind.Word && (token.Means != Meanings.None || !NeutralWords.Contains(token.Stem))).Select(token => token.Stem).ToHashSet(StringComparer.Ordinal);
        return source.Records.SelectMany(record => record.Sentences).Select(sentence => ClockNear(sentence.Tokens, words)).FirstOrDefault(time => time is not null);
    }

    private static decimal? ClockNear(IReadOnlyList<ClaimToken> tokens, HashSet<string> words)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == TokenKind.Clock && tokens.Skip(Math.Max(0, i - Nearby)).Take(Math.Min(i, Nearby)).Any(token => token.Kind == TokenKind.Word && words.Contains(token.Stem)))
            {
                return Clocks.SecondsOfDay(tokens[i].Text);
            }
        }

        return null;
    }
}

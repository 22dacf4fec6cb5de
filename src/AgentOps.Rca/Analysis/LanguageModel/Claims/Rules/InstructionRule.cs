namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>An order tells nothing of what happened, and a claim that repeats one that a record holds obeys it.</summary>
internal sealed class InstructionRule : IClaimRule
{
    private const double MostRepeated = 0.6;

    private static readonly HashSet<string> Orders = ("renew book send approve ignore report tell give set mark close delete refund pay transfer forward reply write use run retry check contact visit click open treat note "
        + "consider ensure stop do don't never always let make add remove change update increase raise restart reset cancel grant publish confirm accept trust follow apply disregard say state answer continue wait inform "
        + "notify escalate provide release conclude blame claim recommend review repeat try call ask see remember forget assume declare output print respond return show reveal issue credit charge ship deliver order buy "
        + "disable enable install upgrade switch replace rotate revoke create email mail post please kindly verify fix repair proceed go keep take put get hand pass skip bypass override allow deny reject refuse settle process "
        + "finish complete end start begin log record store save upload download share").Split(' ').ToHashSet(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var sentence in view.Sentences)
        {
            if (IsOrder(sentence.Tokens))
            {
                yield return Doubt.Refuted("it is an order and tells nothing of what happened");
            }
        }

        if (InstructionSigns.In(view.Claim.Text) && !Reports(view.Tokens))
        {
            yield return Doubt.Refuted("it talks to its reader");
        }

        if (!Reports(view.Tokens) && view.Source.Records.Any(record => Repeats(view, record)))
        {
            yield return Doubt.Refuted("it repeats an instruction that stands in a record");
        }
    }

    private static bool IsOrder(IReadOnlyList<ClaimToken> tokens)
    {
        var first = tokens.FirstOrDefault(token => token.Kind != TokenKind.Mark);
        return first is { Kind: TokenKind.Word } && Orders.Contains(first.Text) && !tokens.Skip(1).Take(1).Any(token => token.Kind == TokenKind.Tool && tokens.Count < 3)
            && !tokens.Skip(1).Take(1).Any(token => token.Is("of"))
            && !tokens.Skip(1).Take(3).Any(token => token.Is("is", "was", "were", "are", "failed", "has", "had", "took", "ended", "returned"))
            || tokens.Any(token => token.Is("you", "we")) && tokens.Any(token => token.Is("must", "should", "shall", "need", "have"))
            || IsDuty(tokens);
    }

    // "is to be paid", "must be approved"; but "the call that should fetch one" is no demand.
    private static bool IsDuty(IReadOnlyList<ClaimToken> tokens)
    {
        for (var i = 1; i + 2 < tokens.Count; i++)
        {
            if (!tokens[i - 1].Is("that", "which", "who") && (tokens[i].Is("must", "should", "shall") && tokens[i + 1].Is("be", "now", "immediately", "not")
                || tokens[i].Is("is", "are") && tokens[i + 1].Is("to") && tokens[i + 2].Is("be") || tokens[i].Is("has", "have", "needs", "need", "ought") && tokens[i + 1].Is("to") && tokens[i + 2].Is("be")))
            {
                return true;
            }
        }

        return false;
    }

    // "the result says “ignore …”" tells what a record holds.
    private static bool Reports(IEnumerable<ClaimToken> tokens) => tokens.Any(token => (token.Means & Meanings.Instruction) != 0
        || token.Is("says", "said", "contains", "contained", "reads", "told", "tells", "asked", "asks", "demands", "demanded", "claims", "claimed", "instructs", "instructed"));

    private static bool Repeats(ClaimView view, SourceRecord record)
    {
        if (record.Cited is not { } cited || !InstructionSigns.In(cited.Words) && !InstructionSigns.In(cited.Quote ?? "") && !InstructionSigns.In(cited.Value ?? "") && !record.Sentences.Any(sentence => IsOrder(sentence.Tokens)))
        {
            return false;
        }

        var orders = record.Sentences.Where(sentence => IsOrder(sentence.Tokens) || InstructionSigns.In(string.Join(' ', sentence.Tokens.Select(token => token.Text))))
            .SelectMany(sentence => sentence.Tokens).Where(Tells).Select(token => token.Stem).ToHashSet(StringComparer.Ordinal);
        var told = view.Tokens.Where(Tells).Select(token => token.Stem).ToList();
        return told.Count > 0 && told.Count(orders.Contains) >= told.Count * MostRepeated;
    }

    private static bool Tells(ClaimToken token) => token.Kind == TokenKind.Word && token.Means == Meanings.None && !NeutralWords.Contains(token.Stem);
}

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

    private static readonly HashSet<string> Objects = "the a an it this that these those all any every each them him her me us no your its their nothing everything with only not to and immediately now also instead more another as"
        .Split(' ').ToHashSet(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<Doubt> Check(ClaimView view)
    {
        foreach (var sentence in view.Sentences)
        {
            if (IsOrder(sentence.Tokens))
            {
                yield return Doubt.Refuted("it is an order and tells nothing of what happened");
            }
        }

        if (view.Tokens.FirstOrDefault() is { Kind: TokenKind.Word } verb && Orders.Contains(verb.Text) && view.Source.Records.Any(record => record.Holds(view.Claim.Text.Trim().TrimEnd('.'))))
        {
            yield return Doubt.Refuted("it repeats an order that stands in a record");
        }

        if (InstructionSigns.In(view.Claim.Text) && !Reports(view.Tokens))
        {
            yield return Doubt.Refuted("it talks to its reader");
        }

        if (!Reports(view.Tokens) && view.Source.Records.Any(Instructs))
        {
            yield return view.Source.Records.Where(Instructs).Any(record => Repeats(view, record))
                ? Doubt.Refuted("it repeats an instruction that stands in a record")
                : Doubt.Unproven("what it cites talks to its reader");
        }
    }

    /// <summary>A verb that begins a sentence, and what it is to be done to.</summary>
    private static bool IsOrder(IReadOnlyList<ClaimToken> tokens)
    {
        var words = tokens.Where(token => token.Kind != TokenKind.Mark).ToList();
        return words is [{ Kind: TokenKind.Word } first, var second, ..] && Orders.Contains(first.Text)
            && (first.Is("don't", "do", "never", "always", "please", "kindly", "let") || Objects.Contains(second.Text) || second.Text.EndsWith("ing", StringComparison.Ordinal)
                || second.Kind != TokenKind.Word && !(words.Count > 2 && words[2].Is("was", "is", "were", "had", "has", "failed", "took", "returned", "ended", "did", "could", "ran", "began", "started", "at")))
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

    private static bool Instructs(SourceRecord record) => record.Cited is { } cited
        && (InstructionSigns.In(cited.Words) || InstructionSigns.In(cited.Quote ?? "") || InstructionSigns.In(cited.Value ?? ""));

    private static bool Repeats(ClaimView view, SourceRecord record)
    {
        var told = view.Tokens.Where(Tells).Select(token => token.Stem).ToList();
        return told.Count > 0 && told.Count(record.HasStem) >= told.Count * MostRepeated;
    }

    private static bool Tells(ClaimToken token) => token.Kind == TokenKind.Word && token.Means == Meanings.None && !NeutralWords.Contains(token.Stem);
}

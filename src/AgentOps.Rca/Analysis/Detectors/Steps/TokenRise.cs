using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Where the input of a run's model calls rose the most from one to the next, and the tool whose result came between.</summary>
/// <param name="Before">The model call before.</param>
/// <param name="After">The model call after, with more than twice as much.</param>
/// <param name="Tool">The tool call between them with the longest result, or null.</param>
internal sealed partial record TokenRise(ModelStep Before, ModelStep After, ToolStep? Tool)
{
    private const double Strength = 2.4;
    private const double LeastShare = 0.5;
    private const long LeastTokens = 1_000;

    /// <summary>Whether words say that a limit of tokens was reached.</summary>
    public static bool IsLimit(string words) => Limit().IsMatch(words);

    /// <summary>The rise that makes out more than half of the largest input, or null.</summary>
    public static TokenRise? Of(AgentRun run, RunStep step)
    {
        var models = run.Models.Where(model => model.InputTokens is not null && IsWithin(model, step)).ToList();
        var (at, most) = (-1, 0L);
        for (var i = 1; i < models.Count; i++)
        {
            var rise = models[i].InputTokens!.Value - models[i - 1].InputTokens!.Value;
            (at, most) = models[i].Run == models[i - 1].Run && rise > most ? (i, rise) : (at, most);
        }

        return at < 0 || most < LeastTokens || most < LeastShare * models.Max(static model => model.InputTokens!.Value) ? null
            : new TokenRise(models[at - 1], models[at], run.Tools.Where(tool => tool.Number > models[at - 1].Number && tool.Number < models[at].Number && tool.Result is not null).MaxBy(static tool => tool.Result!.Text.Length));
    }

    public Finding Describe(RunStep step, string words)
    {
        var rose = Words.Invariant($"the input of {StepFindings.Say(After)} rose from {Before.InputTokens} to {After.InputTokens} tokens");
        var by = Tool is null ? "" : $", after {StepFindings.Say(Tool)} had been called{Words.At(Tool.Node.StartNs)}{(Tool.Arguments is { } given ? $" with {StepFindings.Quote(given.Text, 100)}" : "")}";
        return StepFindings.At(
            (AgentStep?)Tool ?? After, "token_rise", "budget_exceeded", Proof.Causal, Strength,
            $"{StepFindings.Say(step)} ended{Words.At(step.Node.EndNs)} because its limit of tokens was reached{(words.Length > 0 ? $" ({StepFindings.Quote(words, 120)})" : "")}: {rose}{Words.At(After.Node.StartNs)}{by}.",
            [
                new Fact(step.Node.FailurePlace.SpanId, $"{StepFindings.Say(step)} failed{(words.Length > 0 ? $": {StepFindings.Quote(words)}" : "")}.", step.Node.FailurePlace.Pointer),
                .. Given(Before), .. Given(After),
                .. Tool is null ? (IEnumerable<Fact>)[] : [Tool.Result!.Say($"What {StepFindings.Say(Tool)} gave back.")],
            ],
            Tool is null ? "Shorten or summarise the conversation before the next model call." : $"Bound what {StepFindings.Say(Tool)} returns (a range, pages, a summary) before it goes into the conversation.",
            "token_limit", explains: [step, After]);
    }

    private static IEnumerable<Fact> Given(ModelStep model) => model.InputTokensName is not { } name ? []
        : [new Fact(model.Node.SpanId, Words.Invariant($"{StepFindings.Say(model)} was given {model.InputTokens} tokens."), "/attributes" + JsonPointers.Step(name))];

    private static bool IsWithin(AgentStep step, RunStep outer)
    {
        var at = step.Run;
        while (at is not null && at != outer)
        {
            at = at.Run;
        }

        return at is not null;
    }

    [GeneratedRegex(@"tokens?_limit|\btoken (?:limit|budget|quota)\b|limit of \d[\d_,. ]* (?:\w+ )?tokens\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Limit();
}

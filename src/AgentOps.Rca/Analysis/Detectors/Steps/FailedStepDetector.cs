using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Tool calls that failed, by their status or by their result, and what came of it. One that was made good, or whose failure was the answer
/// that was looked for, is a hint; one that nobody took into account is the cause. Where a call below it failed, that call's words say why.
/// </summary>
internal sealed partial class FailedStepDetector : IDetector
{
    private const double Unrepaired = 1.9;
    private const double Ignored = 2.3;
    private const double OfRepeats = 0.2;
    private const double Repaired = 0.45;

    // A tool that calls another one and passes its failure on comes behind it, however often it tried.
    private const double PassedOn = 0.7;
    private const int ManyAttempts = 3;
    private const int MostFacts = 4;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        var failed = run.Tools.Where(tool => tool is { Failure: not null, IsHandoff: false }).Select(tool => (Call: tool, Origin: OriginOf(context, run, tool))).ToList();
        await context.Identity.LoadAsync(failed.Select(pair => pair.Origin.Node).OfType<SpanNode>(), cancellationToken).ConfigureAwait(false);
        return
        [
            .. failed.GroupBy(pair => (pair.Call.Tool, CommandOf(pair.Call), pair.Origin.Category, pair.Call.Outcome is FailureOutcome.Repaired, pair.Call.Outcome is FailureOutcome.Handled))
                .Select(group => Describe(context, run, [.. group])),
        ];
    }

    // A shell runs anything: what failed twice is a command.
    private static string? CommandOf(ToolStep call) => MethodVersion.IsBefore(5) || call.Commands.Count == 0 ? null : call.Commands[^1];

    // The deepest call below that failed and is not the tool's own other half; its words say more than those passed on.
    private static Origin OriginOf(DetectionContext context, AgentRun run, ToolStep tool)
    {
        SpanNode? deepest = null;
        if (tool.IsRecorded)
        {
            var open = new Stack<SpanNode>(tool.Node.Children);
            while (open.TryPop(out var node))
            {
                if (run.Find(node) is not null)
                {
                    continue;
                }

                if (node.Failure is not null && !tool.Halves.Contains(node) && !context.Flow.FailedBelow(node) && (deepest is null || node.StartNs > deepest.StartNs))
                {
                    deepest = node;
                }

                foreach (var child in node.Children)
                {
                    open.Push(child);
                }
            }
        }

        var own = tool.Failure!;
        // What the protocol's own span of the call says may be more than what was passed on.
        if (deepest is null && !MethodVersion.IsBefore(5))
        {
            deepest = tool.Halves.Find(half => ErrorText.Clean(half.Failure?.Message).Length > own.Words.Length);
        }

        if (deepest?.Failure is not { } failure)
        {
            return new Origin(null, own.Category);
        }

        var category = ErrorClasses.CategoryOf(failure);
        return new Origin(deepest, category == "error" || (own.Category is not ("error" or "server_error") && own.IsStatus is false) ? own.Category : category);
    }

    private static Finding Describe(DetectionContext context, AgentRun run, List<(ToolStep Call, Origin Origin)> failed)
    {
        var (call, origin) = failed[0];
        var last = failed[^1].Call;
        var failure = failed.Select(pair => pair.Call.Failure!).MaxBy(own => own.Words.Length)!;
        var name = StepFindings.Say(call);
        var when = failed.Count == 1 ? Words.At(Words.FailedNs(call.Node)) : Words.Between(Words.FailedNs(call.Node), last.Node.EndNs);
        var how = ErrorClasses.Describe(new SpanFailure(failure.Type, failure.Words.Length > 0 ? failure.Words : null, failure.HttpStatus, ""), origin.Category);
        var others = MethodVersion.IsBefore(5) ? [] : run.Tools.Where(other => other is { Failure: not null, IsHandoff: false } && other.Tool == call.Tool && other.Outcome == call.Outcome && other.Failure.Words != failure.Words && failed.TrueForAll(pair => pair.Call != other)).ToList();
        var othersSay = others.Find(static other => other.Failure!.Words.Length > 0) is { } next ? $" ({StepFindings.Quote(next.Failure!.Words, 80)})" : "";
        how += others.Count > 0 ? $", and {(others.Count == 1 ? "once in another way" : $"{Words.Times(others.Count)} in other ways")}{othersSay}" : "";
        var below = origin.Node is { } node && !SaysTheSame(node, failure)
            ? call.Halves.Contains(node) ? $"; the span of the same call below it failed ({Said(node.Failure!)})" : $"; below it {Words.Name(node.Tool)}{context.Identity.Detail(node)} failed ({Said(node.Failure!)})"
            : "";
        var blamed = ErrorClasses.IsCallersFault(origin.Category) && call.Asker is { } asker && call.Outcome is FailureOutcome.NotRepaired ? (AgentStep)asker : call;
        var again = others.FindAll(other => IsSameAttempt(call, other));
        var outcome = Outcome(run, call, failed.Count + again.Count, out var ending);
        List<Fact> facts = [.. failed.Take(MostFacts).Select(pair => pair.Call.Failure!.Evidence)];
        if (origin.Node is { } deepest)
        {
            facts.Add(new Fact(deepest.FailurePlace.SpanId, $"{(call.Halves.Contains(deepest) ? "The span of the same call" : Words.Name(deepest.Tool))} failed below it{Words.At(Words.FailedNs(deepest))} ({Said(deepest.Failure!)}).", deepest.FailurePlace.Pointer));
        }

        if (ending is not null)
        {
            facts.Add(ending);
        }

        if (blamed != call)
        {
            facts.Add(call.Call?.Place.Say($"{StepFindings.Say(blamed)} asked for this call.") ?? new Fact(blamed.Node.SpanId, $"{StepFindings.Say(blamed)} asked for this call.", "/tool"));
        }
        else if (facts.Count == 1 && call.Asker is { } model)
        {
            facts.Add(call.Call?.Place.Say($"{StepFindings.Say(model)} asked for this call.") ?? new Fact(model.Node.SpanId, $"{StepFindings.Say(model)} was the model call before it.", "/tool"));
        }

        if (facts.Count == 1 && call is { IsRecorded: true, Node.Parent: { } caller })
        {
            facts.Add(new Fact(call.Node.SpanId, $"The call was made by {Words.Name(caller.Tool)}.", "/parent_id"));
        }

        var cause = blamed == call
            ? $"{name} failed {Words.Times(failed.Count)}{when} {how}{below}{outcome}."
            : $"{StepFindings.Say(blamed)} asked for a call that could not succeed: {name} failed {Words.Times(failed.Count)}{when} {how}{below}{outcome}.";
        var symptoms = run.Steps.Where(step => step != blamed && (step is RunStep { Node.Failure: not null } || (step is ModelStep && step == run.Answering)));
        var isHint = IsHint(context, run, failed, call);
        return StepFindings.At(
            blamed, "failed_step", origin.Category, isHint ? Proof.Hint : Proof.Failure,
            StrengthOf(context, run, failed, call) + (again.Count == 0 || isHint ? 0 : again[0].Number > call.Number ? OfRepeats : -PassedOn), cause, facts,
            // What was put right, or was the answer, needs nothing to be done.
            isHint && !MethodVersion.IsBefore(5) ? null
                : !MethodVersion.IsBefore(5) && IsNoTool(failure) ? $"As its error says, there was no tool {Words.Name(call.Tool)} to call: tell the model which tools there are, refuse a call of any other with that list, and have the answer say what could not be done."
                : ErrorClasses.Advice(origin.Category, name), failure.Type ?? origin.Category, Factors(failed, others, last),
            failed.Select(pair => (AgentStep)pair.Call).Concat(failed.Select(pair => pair.Call.Asker).OfType<ModelStep>()).Concat(symptoms)
                .Concat(run.Tools.Where(other => other.Failure is not null && IsBelow(call, other)))
                .Concat(again.Where(other => other.Number > call.Number)));
    }

    // The very same call made again, which failed as well: how it failed first is what led to the other.
    private static bool IsSameAttempt(ToolStep call, ToolStep other) => other.Outcome == call.Outcome && call.Outcome is FailureOutcome.NotRepaired or FailureOutcome.Ignored
        && call.Arguments is { IsEmpty: false } given && other.Arguments?.Key == given.Key;

    private static bool IsBelow(ToolStep inner, ToolStep outer)
    {
        if (!inner.IsRecorded || !outer.IsRecorded)
        {
            return false;
        }

        var at = inner.Node.Parent;
        while (at is not null && at != outer.Node)
        {
            at = at.Parent;
        }

        return at is not null;
    }

    private static bool IsHint(DetectionContext context, AgentRun run, List<(ToolStep Call, Origin Origin)> failed, ToolStep call) =>
        call.Outcome is FailureOutcome.Handled || (call.Outcome is FailureOutcome.Repaired && StrengthOf(context, run, failed, call) <= Repaired);

    private static double StrengthOf(DetectionContext context, AgentRun run, List<(ToolStep Call, Origin Origin)> failed, ToolStep call)
    {
        if (call.Outcome is FailureOutcome.Handled)
        {
            return Repaired;
        }

        if (call.Outcome is FailureOutcome.Repaired)
        {
            // What was made good cost time: a cause where it took much of the run and the run was late.
            var until = (call.RepairedBy ?? failed[^1].Call).Node.EndNs;
            var share = Math.Clamp((double)(until - call.Node.StartNs) / Math.Max(1, context.RunNs), 0, 1);
            return (failed.Count >= ManyAttempts && share >= 0.25 && (MethodVersion.IsBefore(5) || IsAboutTime(context.Case.Incident))) || (context.Case.Incident.EtaDeltaHours is > 0 && share >= 0.3)
                ? 1.6 + Math.Min(1, 0.3 * Math.Log2(failed.Count)) + share
                : Repaired;
        }

        return (call.Outcome is FailureOutcome.Ignored ? Ignored : Unrepaired) + (failed.Count > 1 ? OfRepeats : 0)
            - (run.Tools.Any(other => other is { Failure: not null, Outcome: FailureOutcome.NotRepaired or FailureOutcome.Ignored } && IsBelow(other, call)) ? PassedOn : 0);
    }

    // Attempts that led to what they were to do are work, and a cause only of an incident that is about the time they took.
    private static bool IsAboutTime(Incident incident) => incident.EtaDeltaHours is > 0
        || ToolWords.Of(incident.ProblemType).Any(static word => word is "late" or "delay" or "delayed" or "slow" or "latency" or "timeout" or "deadline" or "overdue" or "duration" or "sla");

    private static string Outcome(AgentRun run, ToolStep call, int count, out Fact? evidence)
    {
        evidence = null;
        switch (call.Outcome)
        {
            case FailureOutcome.Repaired when call.RepairedBy is { } later:
                evidence = new Fact(later.Node.SpanId, $"{StepFindings.Say(later)} succeeded{Words.At(later.Node.EndNs)}.", "/end_ts");
                return !MethodVersion.IsBefore(5) && Siblings.AreBeside(call, later) ? $"; {(later.Tool == call.Tool ? "the same call" : StepFindings.Say(later))}, made beside it, answered{Words.At(later.Node.EndNs)}"
                    : later.Tool != call.Tool ? $"; {StepFindings.Say(later)} was called instead and answered{Words.At(later.Node.EndNs)}"
                    : later.Arguments is not null && later.Arguments.Key == call.Arguments?.Key
                    ? $"; the same call succeeded{Words.At(later.Node.EndNs)}{Words.Passed(", ", call.Node.StartNs, later.Node.EndNs, " after the first attempt")}"
                    : call.Commands.Count > 0 && !MethodVersion.IsBefore(5) ? $"; {StepFindings.Quote(later.Commands[^1], 60)} succeeded{Words.At(later.Node.EndNs)}{Words.Passed(", ", call.Node.StartNs, later.Node.EndNs, " after the first attempt")}"
                    : $"; another call of it{(MethodVersion.IsBefore(5) ? "" : ", with other arguments,")} succeeded{Words.At(later.Node.EndNs)}{Words.Passed(", ", call.Node.StartNs, later.Node.EndNs, " after the first attempt")}";
            case FailureOutcome.Ignored when run.Answer is { } answer:
                evidence = answer.Say($"The answer speaks of success: {StepFindings.Quote(answer.Text)}.");
                return $"; the answer speaks of success all the same: {StepFindings.Quote(answer.Text, 120)}";
            case FailureOutcome.NotRepaired when count > 1:
                return "; none of these attempts succeeded";
            default:
                return "";
        }
    }

    // The tool itself is what does not exist, and not what it was asked for.
    private static bool IsNoTool(StepFailure failure) => NoToolType().IsMatch(failure.Type ?? "") || NoToolWords().IsMatch(failure.Words);

    [GeneratedRegex(@"(?:tool|function)_?not_?(?:found|available)|(?:unknown|no_?such)_?(?:tool|function)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NoToolType();

    [GeneratedRegex(@"\b(?:unknown|no such|nonexistent) (?:tool|function)\b|\b(?:tool|function) [\w'""`.-]{1,80} (?:(?:is )?not (?:found|available|registered|a valid tool)|does(?: not|n['’]t) exist|is unknown)|\bis not a valid tool\b|\bno (?:tool|function) (?:named|called)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NoToolWords();

    private static List<string> Factors(List<(ToolStep Call, Origin Origin)> failed, List<ToolStep> others, ToolStep last)
    {
        List<string> factors = [];
        var call = failed[0].Call;
        if (others.Count > 0)
        {
            // All attempts, however each of them failed.
            List<ToolStep> all = [.. failed.Select(static pair => pair.Call).Concat(others).OrderBy(static tool => tool.Number)];
            var same = all.Count(tool => tool.Arguments is not null && tool.Arguments.Key == all[0].Arguments?.Key);
            factors.Add($"{StepFindings.Say(call)} was tried {Words.Times(all.Count)} with failures{(same > 1 ? Words.Invariant($", {same} of them with the same arguments") : "")}{Words.Passed(", over ", all[0].Node.StartNs, all[^1].Node.EndNs)}.");
        }
        else if (failed.Count > 1)
        {
            var same = failed.Count(pair => pair.Call.Arguments is not null && pair.Call.Arguments.Key == call.Arguments?.Key);
            factors.Add(same > 1
                ? $"{StepFindings.Say(call)} was tried {Words.Times(failed.Count)} with failures, {same} of them with the same arguments{Words.Passed(", over ", call.Node.StartNs, (call.RepairedBy ?? last).Node.EndNs)}."
                : $"{StepFindings.Say(call)} was tried {Words.Times(failed.Count)} with failures{Words.Passed(" over ", call.Node.StartNs, (call.RepairedBy ?? last).Node.EndNs)}.");
        }

        for (var caller = call.Node.Parent; call.IsRecorded && caller?.Failure is not null && factors.Count < 4; caller = caller.Parent)
        {
            factors.Add($"{Words.Name(caller.Tool)} passed the failure of {StepFindings.Say(call)} on to its caller.");
        }

        return factors;
    }

    private static bool SaysTheSame(SpanNode node, StepFailure failure) =>
        ErrorText.Clean(node.Failure!.Message) is { } words && ((words == failure.Words && (node.Failure.Type is null || node.Failure.Type == failure.Type)) || (words.Length == 0 && node.Failure.HttpStatus == failure.HttpStatus && node.Failure.Type == failure.Type));

    private static string Said(SpanFailure failure)
    {
        var what = failure.HttpStatus is { } http ? Words.Invariant($"HTTP {http}") : failure.Type is { } type ? Words.Short(type, 60) : "error";
        return ErrorText.Clean(failure.Message) is { Length: > 0 } words ? $"{what}: {StepFindings.Quote(words, 120)}" : what;
    }

    private sealed record Origin(SpanNode? Node, string Category);
}

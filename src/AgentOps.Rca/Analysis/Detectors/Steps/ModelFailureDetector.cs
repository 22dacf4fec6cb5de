using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Model calls that failed, and runs that ended in an error with no failed step in them. The words of the calls above are read, too: a
/// provider's bare 400 is explained by what its client says. More text than the context window holds is blamed on what brought it.
/// </summary>
internal sealed class ModelFailureDetector : IDetector
{
    private const double Strength = 2.2;
    private const double OfRun = 1.7;
    private const double Repaired = 0.4;
    private const double LargeShare = 0.4;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        var failed = run.Models.Select(model => (Model: model, Failure: FailureOf(context, run, model))).Where(pair => pair.Failure is not null)
            .Select(pair => (pair.Model, Failure: pair.Failure!)).ToList();
        await context.Identity.LoadAsync(failed.SelectMany(pair => Requests(run, pair.Model)).Where(request => request.Failure is not null), cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [.. failed.GroupBy(pair => pair.Failure.Category).Select(group => Describe(context, run, [.. group]))];
        if (failed.Count == 0 && !run.Tools.Any(tool => tool.Failure is not null && tool.Outcome is not (FailureOutcome.Repaired or FailureOutcome.Handled)))
        {
            findings.AddRange(run.Runs.Where(step => step.Node.Failure is not null && !run.Runs.Any(other => other != step && other.Node.Failure is not null && IsWithin(other, step)))
                .Take(1).Select(step => OfRunItself(context, run, step)).OfType<Finding>());
        }

        return findings;
    }

    private static bool IsWithin(RunStep inner, RunStep outer)
    {
        for (var at = inner.Run; at is not null; at = at.Run)
        {
            if (at == outer)
            {
                return true;
            }
        }

        return false;
    }

    // Its own status, or that of its requests when it ended without an answer.
    private static StepFailure? FailureOf(DetectionContext context, AgentRun run, ModelStep model)
    {
        var node = model.Node.Failure is not null ? model.Node
            : model.Output.Count == 0 && model.Finish is null ? Requests(run, model).LastOrDefault(request => request.Failure is not null && !context.Flow.FailedBelow(request)) : null;
        if (node?.Failure is not { } failure)
        {
            return null;
        }

        var words = ErrorText.Clean(failure.Message);
        var http = failure.HttpStatus ?? Requests(run, model).Select(request => request.Failure?.HttpStatus).LastOrDefault(status => status is not null);
        var said = words.Length > 0 ? words : Above(model.Node);
        return new StepFailure(
            ErrorClasses.CategoryOf(new SpanFailure(failure.Type, said, http, "") { IsTypeDerived = failure.Type is null }), failure.Type, said, http,
            new Fact(node.FailurePlace.SpanId, $"{Words.Name(model.Name)} failed{Words.At(Words.FailedNs(model.Node))}{(said.Length > 0 ? $": {StepFindings.Quote(said)}" : "")}.", node.FailurePlace.Pointer),
            IsStatus: true);
    }

    private static IEnumerable<SpanNode> Requests(AgentRun run, ModelStep model)
    {
        var open = new Queue<SpanNode>(model.Node.Children);
        while (open.TryDequeue(out var node))
        {
            if (run.OwnerOf(node) == model)
            {
                yield return node;
                foreach (var child in node.Children)
                {
                    open.Enqueue(child);
                }
            }
        }
    }

    private static string Above(SpanNode node)
    {
        for (var at = node.Parent; at?.Failure is { } failure; at = at.Parent)
        {
            if (ErrorText.Clean(failure.Message) is { Length: > 0 } words)
            {
                return words;
            }
        }

        return "";
    }

    private static Finding Describe(DetectionContext context, AgentRun run, List<(ModelStep Model, StepFailure Failure)> failed)
    {
        var (model, failure) = (failed[0].Model, failed.Select(pair => pair.Failure).MaxBy(own => own.Words.Length)!);
        var last = failed[^1].Model;
        // Where no answer was recorded, a call that did not fail had one.
        var isSilent = run.Models.All(static other => other.Output.Count == 0);
        var later = run.Models.FirstOrDefault(other => other.Number > last.Number && other.Node.Failure is null && other.Run == last.Run && (other.Output.Count > 0 || isSilent));
        var how = ErrorClasses.Describe(new SpanFailure(failure.Type, failure.Words.Length > 0 ? failure.Words : null, failure.HttpStatus, ""), failure.Category);
        var when = failed.Count == 1 ? Words.At(Words.FailedNs(model.Node)) : Words.Between(Words.FailedNs(model.Node), last.Node.EndNs);
        List<Fact> facts = [.. failed.Take(4).Select(pair => pair.Failure.Evidence)];
        var requests = failed.SelectMany(pair => Requests(run, pair.Model)).Where(request => request.Failure is not null).ToList();
        facts.AddRange(requests.Take(3).Select(request => new Fact(
            request.FailurePlace.SpanId, $"The request {Words.Name(request.Tool)}{context.Identity.Detail(request)} was answered with {(request.Failure!.HttpStatus is { } http ? Words.Invariant($"HTTP {http}") : "an error")}.", request.FailurePlace.Pointer)));
        var explains = failed.Select(pair => (AgentStep)pair.Model).Concat(run.Steps.Where(step => step is RunStep && step.Node.Failure is not null));
        if (failure.Category == "context_length" && LargestBefore(run, model) is { } large)
        {
            return OfLargeResult(large.Tool, large.Share, StepFindings.Say(model), failure, facts, explains.Append(model));
        }

        var tries = Math.Max(failed.Count, requests.Count);
        var ended = isSilent ? "ended without an error" : "was answered";
        var other = later is not null && !MethodVersion.IsBefore(5) && later.Name != last.Name;
        var end = later is not null ? $"; {(other ? $"a later call, of another model ({StepFindings.Say(later)})," : "a later call of it")} {ended}{Words.At(later.Node.EndNs)}" : tries > 1 ? "; none of these attempts was answered" : "";
        var lost = (double)((later ?? last).Node.EndNs - model.Node.StartNs) / Math.Max(1, context.RunNs);
        var counts = later is not null && !(failed.Count >= 3 && lost >= 0.25);
        if (later is not null)
        {
            facts.Add(new Fact(later.Node.SpanId, $"{StepFindings.Say(later)} {ended}{Words.At(later.Node.EndNs)}.", "/end_ts"));
        }

        return StepFindings.At(
            model, "model_failure", failure.Category, counts ? Proof.Hint : Proof.Failure, counts ? Repaired : Strength,
            $"{StepFindings.Say(model)} failed {Words.Times(tries)}{when} {how}{end}.", facts,
            ErrorClasses.Advice(failure.Category, StepFindings.Say(model)), failure.Type ?? failure.Category, explains: explains);
    }

    private static Finding OfLargeResult(ToolStep tool, double share, string model, StepFailure failure, List<Fact> facts, IEnumerable<AgentStep> explains)
    {
        facts.Insert(0, tool.Result!.Say(Words.Invariant($"{StepFindings.Say(tool)} returned {tool.Result.Text.Length} characters{Words.At(tool.Node.EndNs)}.")));
        return StepFindings.At(
            tool, "context_overflow", "context_length", Proof.Causal, 2.5,
            Words.Invariant($"{StepFindings.Say(tool)} returned {tool.Result.Text.Length} characters{Words.At(tool.Node.EndNs)}, {Words.Percent(share)} of all that the conversation held, and {model} was then refused because its context window was exceeded{(failure.Words.Length > 0 ? $": {StepFindings.Quote(failure.Words)}" : "")}."),
            facts, $"Bound what {StepFindings.Say(tool)} returns (a range, pages, a summary) before it goes into the conversation.", "context_length", explains: explains);
    }

    private static (ToolStep Tool, double Share)? LargestBefore(AgentRun run, ModelStep? model)
    {
        var results = run.Tools.Where(tool => (model is null || tool.Number < model.Number) && tool.Result is not null).ToList();
        var all = results.Sum(tool => (double)tool.Result!.Text.Length)
            + run.Models.Where(step => model is null || step.Number <= model.Number).SelectMany(step => step.Input.Concat(step.Output)).SelectMany(message => message.Texts).Sum(text => (double)text.Text.Length);
        return results.MaxBy(tool => tool.Result!.Text.Length) is { } largest && all > 0 && largest.Result!.Text.Length / all >= LargeShare ? (largest, largest.Result.Text.Length / all) : null;
    }

    // That a run failed because it failed is no finding: without words of its own there is nothing to say.
    private static Finding? OfRunItself(DetectionContext context, AgentRun run, RunStep step)
    {
        var failure = step.Node.Failure!;
        var words = ErrorText.Clean(failure.Message);
        if (words.Length == 0 && failure.Type is null)
        {
            return null;
        }

        var category = ErrorClasses.CategoryOf(failure);
        if (category is "turn_limit")
        {
            return null;
        }

        // The model call that was refused left no span; what had filled its prompt did.
        if (category == "context_length" && run.Models.Count > 0 && LargestBefore(run, null) is { } large)
        {
            return OfLargeResult(
                large.Tool, large.Share, "the next model call", new StepFailure(category, failure.Type, words, failure.HttpStatus, default!, IsStatus: true),
                [new Fact(step.Node.FailurePlace.SpanId, $"{StepFindings.Say(step)} failed{(words.Length > 0 ? $": {StepFindings.Quote(words)}" : "")}.", step.Node.FailurePlace.Pointer)],
                run.Runs.Where(above => above.Node.Failure is not null));
        }

        if (!MethodVersion.IsBefore(5) && TokenRise.IsLimit($"{failure.Type} {words}") && TokenRise.Of(run, step) is { } rise)
        {
            return rise.Describe(step, words);
        }

        return StepFindings.At(
            step, "failed_run", category, Proof.Failure, OfRun,
            $"{StepFindings.Say(step)} ended{Words.At(step.Node.EndNs)} {ErrorClasses.Describe(failure, category)}; no step in it is recorded as failed.",
            [new Fact(step.Node.FailurePlace.SpanId, $"{StepFindings.Say(step)} failed{(words.Length > 0 ? $": {StepFindings.Quote(words)}" : "")}.", step.Node.FailurePlace.Pointer)],
            ErrorClasses.Advice(category, StepFindings.Say(step)), failure.Type ?? category,
            explains: step.Run is null ? [] : [step.Run]);
    }
}

using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A tool that gave back a result as any other though the call below it on which the result rests had failed and nothing was tried after it: it passed over the error, and the run went on with what it made up.
/// </summary>
internal sealed partial class UnbackedResultDetector : IDetector
{
    private const double Strength = 2.2;
    private const int MostBelow = 40;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var tool in run.Tools.Where(static tool => tool is { IsRecorded: true, Failure: null, IsHandoff: false, Node.Failure: null, Result: not null }))
        {
            if (AnyFailedBelow(tool) is { } given && run.Answer is { } told && Default().IsMatch(tool.Result!.Text) && !Default().IsMatch(told.Text) && !Admits().IsMatch(told.Text))
            {
                return [Describe(run, tool, given)];
            }

            if (FailedBelow(tool) is { } failed && !Admits().IsMatch(tool.Result!.Text) && !run.Tools.Any(later => later.Number > tool.Number && later.Tool == tool.Tool && later.Arguments?.Key == tool.Arguments?.Key)
                && (run.Answer is not { } answer || !Admits().IsMatch(answer.Text)))
            {
                return [Describe(run, tool, failed)];
            }
        }

        return [];
    }

    // All that it called to the outside failed, the embedding of a question aside: a lookup of something that is not there has its own answer, and a second source may have given the result.
    private static SpanNode? FailedBelow(ToolStep tool)
    {
        SpanNode? failed = null;
        var seen = 0;
        var open = new Stack<SpanNode>(tool.Node.Children);
        while (open.TryPop(out var node))
        {
            if (++seen > MostBelow || StepTree.KindOf(node) is StepKind.Tool or StepKind.Run)
            {
                return null;
            }

            if (node.Children.Count > 0 && node.Failure is null)
            {
                foreach (var child in node.Children)
                {
                    open.Push(child);
                }
            }
            else if (node.Failure is { } failure && !Missing(failure))
            {
                failed ??= node;
            }
            else if (!Embeds().IsMatch(node.Tool))
            {
                return null;
            }
        }

        return failed;
    }

    // What says of itself that it is a default came from nowhere, whatever else was asked.
    private static SpanNode? AnyFailedBelow(ToolStep tool) => tool.Node.Children.Take(MostBelow).FirstOrDefault(static node => StepTree.KindOf(node) == StepKind.None && node.Failure is { } failure && !Missing(failure));

    private static bool Missing(SpanFailure failure) => failure.HttpStatus is 404 or 409 or 410 or 412 or 304;

    private static Finding Describe(AgentRun run, ToolStep tool, SpanNode failed)
    {
        var (name, below) = (StepFindings.Say(tool), Words.Name(failed.Tool));
        var how = ErrorClasses.Describe(failed.Failure!, ErrorClasses.CategoryOf(failed.Failure!));
        return StepFindings.At(
            tool, "unbacked_result", "swallowed_error", Proof.Causal, Strength,
            $"{name} answered {StepFindings.Quote(tool.Result!.Text, 100)}{Words.At(tool.Node.EndNs)} as if nothing had happened, but the call below it, {below}, had failed {how}, and the same was not tried again: the result cannot come from there.",
            [
                new Fact(failed.FailurePlace.SpanId, $"{below} failed{Words.At(Words.FailedNs(failed))} {how}.", failed.FailurePlace.Pointer),
                tool.Result.Say($"What {name} answered all the same."),
            ],
            $"Have {name} fail when what it asks fails, or say in its result that it is a default.", "swallowed_error", explains: run.After(tool).OfType<ModelStep>().Take(1));
    }

    // Whoever reads it can see that something is missing.
    [GeneratedRegex(@"\b(?:error|fail\w*|unavailable|unreachable|time(?:d)? ?out|timeout|cached?|stale|fallback|offline|degraded|partial|could not|couldn['’]t|unable|try (?:again|later)|retry|queued|warning|not (?:available|reachable|found|possible)|no \w+|unknown|nicht|Fehler|erreur|indisponible|no disponible|erro|indisponível)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Admits();

    [GeneratedRegex(@"""(?:source|origin|kind|provider|from)""\s*:\s*""(?:default|fallback|static|hard-?coded|built-?in)""|""(?:is_?)?(?:default|fallback)""\s*:\s*true|\b(?:default|fallback) (?:value|rate|price)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Default();

    [GeneratedRegex(@"embed|tokeniz|/connect\b|dns|tls", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Embeds();
}

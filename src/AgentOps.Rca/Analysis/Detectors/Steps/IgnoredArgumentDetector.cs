using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A tool that says it ignored what it was given, since it does not know it, and answers all the same: what came back is not what was asked for.
/// Only where no later call of it was taken as it was meant.
/// </summary>
internal sealed partial class IgnoredArgumentDetector : IDetector
{
    private const double Strength = 1.9;
    private const int MostText = 400;
    private static readonly SearchValues<string> Marks = SearchValues.Create(["ignor", "dropped", "discarded", "skipped", "no effect"], StringComparison.OrdinalIgnoreCase);

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in run.Tools.Where(tool => tool is { Failure: null, IsHandoff: false, Result: not null, Arguments.Value.ValueKind: JsonValueKind.Object, Commands.Count: 0 }))
        {
            if (Said(call) is { } said && !run.Tools.Any(later => later.Number > call.Number && later.Tool == call.Tool && later.Failure is null && Said(later) is null))
            {
                return [Describe(run, call, said.Value, said.Words)];
            }
        }

        return [];
    }

    // It must name one of the arguments of this very call: a text about options that some program ignores is none of that.
    private static (ResultValue Value, string Words)? Said(ToolStep call)
    {
        // Most results say nothing of the kind, and may be long.
        if (call.Result!.Text.AsSpan().IndexOfAny(Marks) < 0)
        {
            return null;
        }

        var given = call.Arguments!.Value.EnumerateObject().Select(static member => member.Name).ToList();
        foreach (var value in ResultValue.In(call, call.Result.Value).Where(static value => value.Value.ValueKind == JsonValueKind.String))
        {
            if (value.Value.GetString() is { Length: <= MostText } text && Ignored().Match(text) is { Success: true } match
                && given.Exists(name => Regex.IsMatch(text, $@"(?<!\w){Regex.Escape(name)}(?!\w)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))))
            {
                return (value, match.Value.Trim());
            }
        }

        return null;
    }

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue value, string words)
    {
        var asker = (AgentStep?)call.Asker ?? call;
        return StepFindings.At(
            asker, "ignored_argument", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} gave {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} arguments that it does not know: it ignored them ({StepFindings.Quote(words, 160)}) and answered as if they had not been given.",
            [
                value.Say($"{StepFindings.Say(call)} says that it ignored them."),
                call.Call?.Place.Say($"{StepFindings.Say(asker)} asked for it.") ?? call.Arguments!.Say("What it was given."),
            ],
            $"Let {StepFindings.Say(call)} refuse arguments that it does not know (additionalProperties: false), so that the model asks again.", "ignored_argument", explains: [call, .. run.Answering is { } model && model != asker ? (AgentStep[])[model] : []]);
    }

    [GeneratedRegex(@"[^.\n]{0,160}\b(?:unknown|unrecogni[sz]ed|unsupported|unexpected|invalid|undocumented|extra)\b[^.\n]{0,80}\b(?:ignored|ignoring|dropped|discarded|skipped|no effect)\b[^.\n]{0,120}|[^.\n]{0,160}\b(?:ignored|ignoring|dropped|discarded)\b[^.\n]{0,40}\b(?:unknown|unrecogni[sz]ed|unsupported|unexpected|undocumented)\b[^.\n]{0,120}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Ignored();
}

using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A value that measuring programs write where they have none (the fill values -999 and -9999 of instruments and of NetCDF files), which the run took for a measurement: it stands in
/// the answer, or in what a later call was given.
/// </summary>
internal sealed class FillValueDetector : IDetector
{
    private const double Strength = 2.1;
    private static readonly double[] Fills = [-999, -9999, -99999, -999.9, -999.99, -9999.9];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (MethodVersion.IsBefore(5) || run is not { Answering: { } model, Answer: { } answer } || AnswerSigns.Of(answer.Text) == AnswerSign.Failure)
        {
            return [];
        }

        foreach (var value in ResultValue.Before(run, model).Where(static value => value.Value.ValueKind == JsonValueKind.Number && value.Number is { } number && Array.IndexOf(Fills, number) >= 0))
        {
            var written = value.Value.GetRawText();
            var wasSaid = run.SaidByUsers().Any(text => text.Text.Contains(written, StringComparison.Ordinal)) || run.Tools.Any(tool => tool.Number <= value.Source.Number && tool.Arguments?.Text.Contains(written, StringComparison.Ordinal) == true);
            var (inAnswer, given) = (Holds(answer.Text, written), run.Tools.FirstOrDefault(tool => tool.Number > value.Source.Number && tool.Arguments is { } arguments && Holds(arguments.Text, written)));
            if (!wasSaid && (inAnswer || given is not null))
            {
                return [Describe(run, answer, value, written, inAnswer ? null : given)];
            }
        }

        return [];
    }

    private static Finding Describe(AgentRun run, Passage answer, ResultValue value, string written, ToolStep? given)
    {
        var name = StepFindings.Say(value.Source);
        return StepFindings.At(
            value.Source, "fill_value", "bad_data", Proof.Failure, Strength,
            $"{name} returned {written} as {StepFindings.Quote(value.Name, 40)}{Words.At(value.Source.Node.EndNs)}, which stands for a value that is missing; {(given is null ? $"the answer tells it as one: {StepFindings.Quote(answer.Text, 120)}" : $"{StepFindings.Say(given)} was given it as one{Words.At(given.Node.StartNs)}")}.",
            [
                value.Say($"{name} returned {written}{Words.At(value.Source.Node.EndNs)}."),
                given is null ? answer.Say("What the answer makes of it.", written) : given.Arguments!.Say($"What {StepFindings.Say(given)} was given{Words.At(given.Node.StartNs)}.", "", written),
            ],
            $"Have {name} leave out what it could not measure, or refuse results with {written} before they are used.", "fill_value", explains: run.Answering is { } model ? [model] : []);
    }

    // The sign belongs to it: the 999 of a price is none.
    private static bool Holds(string text, string written) =>
        text.Contains(written, StringComparison.Ordinal) || text.Contains('\u2212' + written[1..], StringComparison.Ordinal);
}

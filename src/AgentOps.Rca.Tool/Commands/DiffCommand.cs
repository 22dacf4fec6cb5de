using System.CommandLine;
using System.Globalization;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace AgentOps.Rca.Tool.Commands;

/// <summary><c>diff GOOD BAD</c>: where two runs first part, and what differs.</summary>
internal static class DiffCommand
{
    private const int MostSteps = 30;

    public static Command Create()
    {
        var (good, bad) = (CommonOptions.File("GOOD", "A file with a run that went well."), CommonOptions.File("BAD", "A file with one that did not."));
        var json = CommonOptions.Json();
        var command = new Command("diff", "Holds two runs against each other. Ends with 0 when they are the same, with 1 when they differ.") { good, bad, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(good)!, parsed.GetValue(bad)!, parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string good, string bad, bool json, CancellationToken cancellationToken)
    {
        var store = await TemporaryStore.ForAsync([good, bad], cancellationToken).ConfigureAwait(false);
        await using var storeDisposal = store.ConfigureAwait(false);
        var services = await ToolServices.CreateAsync(store, add: null, cancellationToken).ConfigureAwait(false);
        await using var servicesDisposal = services.ConfigureAwait(false);
        using var progress = new ProgressLine(isWanted: true);
        var opener = new FileOpener(services, progress, store);
        var left = await opener.OpenAsync(good, cancellationToken).ConfigureAwait(false);
        var right = await opener.OpenAsync(bad, cancellationToken).ConfigureAwait(false);
        var outcome = await services.GetRequiredService<IRunReader>().CompareAsync(
            new CompareQuery { Left = $"{left.IncidentId:D}", Right = $"{right.IncidentId:D}" }, cancellationToken).ConfigureAwait(false);
        progress.Dispose();
        if (outcome is not CompareOutcome.Found { Comparison: var comparison })
        {
            throw new ToolException(((CompareOutcome.RunNotFound)outcome).Reason);
        }

        if (json)
        {
            await Console.Out.WriteLineAsync(System.Text.Json.JsonSerializer.Serialize(comparison, ReadingJson.Comparison)).ConfigureAwait(false);
        }
        else
        {
            Print(Terminal.Out, left, right, comparison);
        }

        return comparison.FirstDivergence is null ? ExitCode.Done : ExitCode.No;
    }

    private static void Print(IAnsiConsole console, OpenedFile left, OpenedFile right, RunComparison comparison)
    {
        console.Heading(comparison.FirstDivergence is { } first ? $"They first part here: {Plain.Line(first.Text)}" : "They are the same.");
        console.Text(string.Create(
            CultureInfo.InvariantCulture,
            $"{comparison.Same} steps the same, {comparison.Different} different, {comparison.OnlyLeft} only in {left.Name}, {comparison.OnlyRight} only in {right.Name}"));
        var differing = comparison.Steps.Where(static step =>
            step.Left is null || step.Right is null || step.SameInputs == false || step.SameOutputs == false || step.SameStatus == false).ToList();
        foreach (var step in differing.Take(MostSteps))
        {
            var mark = step.Left is null ? "+" : step.Right is null ? "-" : "~";
            console.Text($"{mark} {Plain.Line(step.Tool)}  {Place(left, step.Left)}{(step is { Left: not null, Right: not null } ? " | " : "")}{Place(right, step.Right)}");
            foreach (var (name, value) in new[] { ("given", step.Inputs), ("gave back", step.Outputs) })
            {
                if (value is not null)
                {
                    console.Text($"    {name} {Plain.Line(value.Pointer)}: {Plain.Line(value.Left ?? "nothing", 120)} | {Plain.Line(value.Right ?? "nothing", 120)}");
                }
            }

            if ((step.Right?.Failure ?? step.Left?.Failure) is { } failure)
            {
                console.Text($"    failed: {Plain.Line(failure, 200)}");
            }
        }

        if (differing.Count > MostSteps)
        {
            console.Text(string.Create(CultureInfo.InvariantCulture, $"and {differing.Count - MostSteps} more steps that differ (--json has all)"));
        }
    }

    private static string Place(OpenedFile file, ComparedSide? side) =>
        side is null ? "" : file.Places.TryGetValue(side.Id.Split('#')[0], out var place) ? $"{file.Name} {Plain.Line(place.ToString())}" : Plain.Line(side.Id);
}

using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using Spectre.Console;

namespace AgentOps.Rca.Tool.Reports;

/// <summary>A report for a person at a terminal: the cause first, what it rests on with its place in the file, what to do, what was not seen.</summary>
internal static class ReportPrinter
{
    private const int MostLines = 12;
    private const int MostRuns = 10;

    private static readonly Style Strong = new(foreground: Color.Red, decoration: Decoration.Bold);
    private static readonly Style Calm = new(foreground: Color.Green);
    private static readonly Style Faint = new(decoration: Decoration.Dim);

    /// <summary>Prints a file: its run, or those of its runs that have a cause and a line for each of the others.</summary>
    public static void Print(IAnsiConsole console, OpenedFile file, IReadOnlyList<AnalyzedFile> runs)
    {
        console.Text(
            string.Create(CultureInfo.InvariantCulture, $"{file.Name}: {file.Format}, {file.Import.SpansAdded + file.Import.SpansKnown} spans, {file.Import.RunCount} {(file.Import.RunCount == 1 ? "run" : "runs")}"),
            Faint);
        if (runs is [var only])
        {
            Print(console, only, "Cause");
        }
        else
        {
            PrintRuns(console, file, runs);
        }

        Section(console, "Not understood in the file", file.Import.LeftOut.Select(left =>
            string.Create(CultureInfo.InvariantCulture, $"{left.Count} times, first at {left.First}: {Plain.Line(left.What)}")));
        console.Text("");
    }

    private static void PrintRuns(IAnsiConsole console, OpenedFile file, IReadOnlyList<AnalyzedFile> runs)
    {
        var failed = runs.Where(static run => run.Report.Verdict == RcaVerdict.Identified).ToList();
        foreach (var run in failed.Take(MostRuns))
        {
            console.Text("");
            Print(console, run, string.Create(CultureInfo.InvariantCulture, $"Run {run.Number} ({Begin(run)}): cause"));
        }

        if (failed.Count > MostRuns)
        {
            console.Text(string.Create(CultureInfo.InvariantCulture, $"and {failed.Count - MostRuns} more runs with a cause (--json has all)"), Faint);
        }

        if (failed.Count < runs.Count)
        {
            console.Text("");
            console.Heading(failed.Count == 0
                ? string.Create(CultureInfo.InvariantCulture, $"No cause was found in any of {runs.Count} runs.")
                : string.Create(CultureInfo.InvariantCulture, $"No cause was found in {runs.Count - failed.Count} of {runs.Count} runs."));
            Lines(console, runs.Where(static run => run.Report.Verdict != RcaVerdict.Identified).Select(run =>
                string.Create(CultureInfo.InvariantCulture, $"run {run.Number} ({Begin(run)}): {Plain.Line(IncidentOrigin.Say(run.Report.Summary, file.What))}")));
        }

        if (file.RunsPassedOver > 0)
        {
            console.Text(string.Create(CultureInfo.InvariantCulture, $"{file.RunsPassedOver} more runs were not looked at: of a file the first {runs.Count} are."));
        }
    }

    private static void Print(IAnsiConsole console, AnalyzedFile analyzed, string cause)
    {
        var report = analyzed.Report;
        var isFound = report.Verdict == RcaVerdict.Identified;
        console.Heading(isFound ? string.Create(CultureInfo.InvariantCulture, $"{cause}, {report.Confidence:P0} sure") : "No cause was found.");
        console.Text(Plain.Line(analyzed.Said), isFound ? Strong : Calm);
        Section(console, "Evidence", analyzed.Cited.Select(evidence =>
            $"{evidence.Id} {(evidence.Checked ? "checked" : "NOT checked")}, {Place(analyzed, evidence)}: {Plain.Line(evidence.Text)}"));
        Section(console, "What to do", report.Recommendations.Select(static line => Plain.Line(line)));
        Section(console, "Not seen", report.Gaps.Select(static line => Plain.Line(line)));
    }

    private static void Section(IAnsiConsole console, string name, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0)
        {
            return;
        }

        console.Heading(name);
        Lines(console, all);
    }

    private static void Lines(IAnsiConsole console, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        foreach (var line in all.Take(MostLines))
        {
            console.Text($"  {line}");
        }

        if (all.Count > MostLines)
        {
            console.Text(string.Create(CultureInfo.InvariantCulture, $"  and {all.Count - MostLines} more (--json has all)"), Faint);
        }
    }

    private static string Begin(AnalyzedFile run) => Plain.Line((run.Incident.First with { Pointer = null }).ToString());

    private static string Place(AnalyzedFile analyzed, RcaEvidence evidence) =>
        analyzed.PlaceOf(evidence) is { } place ? $"{analyzed.File.Name} {Plain.Line(place.ToString())}" : $"span {Plain.Line(evidence.SpanId ?? "unknown")}";
}

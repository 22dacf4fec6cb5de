using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Tool.Output;
using Spectre.Console;

namespace AgentOps.Rca.Tool.Reports;

/// <summary>A report for a person at a terminal: the cause first, what it rests on with its place in the file, what to do, what was not seen.</summary>
internal static class ReportPrinter
{
    private const int MostLines = 12;

    private static readonly Style Strong = new(foreground: Color.Red, decoration: Decoration.Bold);
    private static readonly Style Calm = new(foreground: Color.Green);
    private static readonly Style Faint = new(decoration: Decoration.Dim);

    public static void Print(IAnsiConsole console, AnalyzedFile analyzed)
    {
        var (file, report) = (analyzed.File, analyzed.Report);
        console.Text(
            string.Create(CultureInfo.InvariantCulture, $"{file.Name}: {file.Format}, {file.Import.SpansAdded + file.Import.SpansKnown} spans, {file.Import.RunCount} {(file.Import.RunCount == 1 ? "run" : "runs")}"),
            Faint);
        var isFound = report.Verdict == RcaVerdict.Identified;
        console.Heading(isFound ? string.Create(CultureInfo.InvariantCulture, $"Cause, {report.Confidence:P0} sure") : "No cause was found.");
        console.Text(Plain.Line(report.RootCause ?? report.Summary), isFound ? Strong : Calm);
        Section(console, "Evidence", analyzed.Cited.Select(evidence =>
            $"{evidence.Id} {(evidence.Checked ? "checked" : "NOT checked")}, {Place(analyzed, evidence)}: {Plain.Line(evidence.Text)}"));
        Section(console, "What to do", report.Recommendations.Select(static line => Plain.Line(line)));
        Section(console, "Not seen", report.Gaps.Select(static line => Plain.Line(line)));
        Section(console, "Not understood in the file", file.Import.LeftOut.Select(left =>
            string.Create(CultureInfo.InvariantCulture, $"{left.Count} times, first at {left.First}: {Plain.Line(left.What)}")));
        console.Text("");
    }

    private static void Section(IAnsiConsole console, string name, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0)
        {
            return;
        }

        console.Heading(name);
        foreach (var line in all.Take(MostLines))
        {
            console.Text($"  {line}");
        }

        if (all.Count > MostLines)
        {
            console.Text(string.Create(CultureInfo.InvariantCulture, $"  and {all.Count - MostLines} more (--json has all)"), Faint);
        }
    }

    private static string Place(AnalyzedFile analyzed, RcaEvidence evidence) =>
        analyzed.File.PlaceOf(evidence) is { } place ? $"{analyzed.File.Name} {Plain.Line(place.ToString())}" : $"span {Plain.Line(evidence.SpanId ?? "unknown")}";
}

using System.Globalization;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Evals.AgentRuns;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Imports;

/// <summary>
/// Whether a recorded run gives the same cause when it comes out of a file: each run is written in each format, as far as that can carry it, taken in, analysed, and held
/// against the analysis of the spans that its framework sent. Services below the steps are in none of the files.
/// </summary>
internal static class ImportsEval
{
    /// <summary>Prints a line a format.</summary>
    public static async Task RunAsync(EvalOptions options, TextWriter output)
    {
        var folder = Path.Combine(options.Data, "agent-runs");
        var runs = AgentRun.ReadAll(folder).Where(run => options.WantsNamed(run.Name)).ToList();
        var counts = FlowFiles.All.ToDictionary(format => format.Format, _ => (Same: 0, Right: 0, Other: 0), StringComparer.Ordinal);
        var (sent, none) = (0, 0);
        foreach (var run in runs)
        {
            var host = new EvalHost(options);
            await using var hostDisposal = host;
            await AgentRun.SendAsync(host, folder, run.Name);
            var whole = await host.AnalyzeAsync(run.Symptom, run.ProblemType, run.EtaDeltaHours, run.TraceIds);
            var flow = await RecordedFlow.ReadAsync(run.Name, whole.Spans, host.Artifacts);
            if (flow.Steps.Count == 0)
            {
                none++;
                continue;
            }

            sent += IsRight(run, whole.Report) ? 1 : 0;
            foreach (var (format, write) in FlowFiles.All)
            {
                var other = new EvalHost(options);
                await using var otherDisposal = other;
                var traces = await other.ImportAsync(Encoding.UTF8.GetBytes(write(flow)), format);
                var file = await other.AnalyzeAsync(run.Symptom, run.ProblemType, run.EtaDeltaHours, traces);
                var (same, right, others) = counts[format];
                var isSame = IsSame(whole.Report, file.Report);
                counts[format] = (same + (isSame ? 1 : 0), right + (IsRight(run, file.Report) ? 1 : 0), others + (isSame ? 0 : 1));
                options.Log?.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{run.Name,-38} {format,-14} {(isSame ? "same " : "other")} {file.Report.Verdict} {file.Report.Confidence:0.00} {file.Said}\n{"",-53} {whole.Report.Verdict} {whole.Report.Confidence:0.00} {whole.Said}"));
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs.Count - none} runs ({none} have no steps of an agent); as sent, the mechanism comes first in {sent}"));
        output.WriteLine("| format | same verdict and place | mechanism first | other |");
        output.WriteLine("|---|---|---|---|");
        foreach (var (format, (same, right, others)) in counts)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {format} | {same} | {right} | {others} |"));
        }
    }

    private static bool IsSame(RcaReport one, RcaReport other) => one.Verdict == other.Verdict && Place(one) == Place(other);

    // Agents are called differently in files, and models may have no name in them.
    private static string Place(RcaReport report)
    {
        var tool = report.Hypotheses.OrderBy(hypothesis => hypothesis.Rank).FirstOrDefault()?.Tool ?? "";
        return tool.StartsWith(ToolNames.ToolCallPrefix, StringComparison.Ordinal) ? tool : tool.Split('/')[0];
    }

    private static bool IsRight(AgentRun run, RcaReport report) => run.Fault is null || !run.Knowable
        ? report.Verdict != RcaVerdict.Identified
        : run.Mechanism is { } mechanism && report.Hypotheses.OrderBy(hypothesis => hypothesis.Rank).FirstOrDefault() is { } first
            && System.Text.RegularExpressions.Regex.IsMatch(first.Cause, mechanism, System.Text.RegularExpressions.RegexOptions.IgnoreCase | System.Text.RegularExpressions.RegexOptions.CultureInvariant);
}

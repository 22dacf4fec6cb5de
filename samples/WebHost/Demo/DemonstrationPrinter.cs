using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.WebHost.Demo;

/// <summary>Prints a report the way a person reads it: the cause first, then what it rests on, then the proof.</summary>
internal sealed class DemonstrationPrinter(TextWriter output) : IProgress<RcaProgress>
{
    private const int Width = 100;

    public void PrintTitle(Scenario scenario)
    {
        output.WriteLine();
        output.WriteLine(new string('=', Width));
        output.WriteLine(scenario.Title);
        output.WriteLine($"{scenario.Incident.ProblemType} of {scenario.Incident.OrderId}, incident {scenario.Incident.Id:D}");
        output.WriteLine(new string('=', Width));
    }

    /// <summary>Progress is printed at once, so that a long analysis is seen to be working.</summary>
    public void Report(RcaProgress value) => output.WriteLine($"  … {value.Message}");

    public void PrintReport(RcaReport report)
    {
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"ROOT CAUSE  {report.Verdict.ToString().ToLowerInvariant()}, confidence {report.Confidence:P0}, engine {report.Engine}"));
        Paragraph(report.RootCause ?? "Not found: the evidence is too weak.");
        output.WriteLine();
        Paragraph(report.Summary);
        Section("EVIDENCE");
        foreach (var evidence in Cited(report))
        {
            Paragraph($"{(evidence.Checked ? "✓" : "✗")} {evidence.Id}  {evidence.Text}");
            Paragraph($"      {Place(evidence)}");
        }

        Section("WHAT TO DO");
        foreach (var recommendation in report.Recommendations)
        {
            Paragraph($"- {recommendation}");
        }
    }

    public void PrintKpis(IncidentKpis kpis)
    {
        Section("KPIS");
        Paragraph($"evidence time {Seconds(kpis.EvidenceTime)}, time to RCA {Seconds(kpis.TimeToRca)}, cost of the analysis {Dollars(kpis.TokensCost)}");
        if (kpis.AgentUsage is { } agent)
        {
            Paragraph(string.Create(
                CultureInfo.InvariantCulture, $"the agent itself: {agent.Calls} model calls, {agent.InputTokens:N0} tokens in, {agent.OutputTokens:N0} out"));
        }
    }

    public void PrintReplay(ReplayResult replay)
    {
        Section("REPLAY");
        Paragraph(string.Create(
            CultureInfo.InvariantCulture,
            $"{replay.Verdict.ToString().ToLowerInvariant()}: {replay.SpanCount} spans walked, {replay.ArtifactCount} artifacts hashed, {replay.Analyses.Count} {(replay.Analyses.Count == 1 ? "analysis" : "analyses")} made again"));
        Paragraph($"replay digest {replay.ReplayDigest}");
    }

    public void PrintBundle(string path)
    {
        Section("BUNDLE");
        Paragraph(path);
        Paragraph("check it:");
        // Commands are not broken into lines: they are copied as they stand.
        output.WriteLine($"    unzip -q -o -d check {path}");
        output.WriteLine("    cd check && sha256sum --quiet -c SHA256SUMS");
        output.WriteLine("    openssl dgst -sha256 -verify public-key.pem -signature attestation.sig attestation.pae");
    }

    private static IEnumerable<RcaEvidence> Cited(RcaReport report)
    {
        var cited = report.Hypotheses is [var first, ..] ? first.Evidence : [];
        return report.Evidence.Where(evidence => cited.Contains(evidence.Id));
    }

    private void Section(string name)
    {
        output.WriteLine();
        output.WriteLine(name);
    }

    private void Paragraph(string text)
    {
        var indent = text.Length - text.TrimStart().Length;
        var line = new string(' ', 2 + indent);
        var start = line.Length;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > start && line.Length + word.Length >= Width)
            {
                output.WriteLine(line);
                line = new string(' ', start);
            }

            line += line.Length > start ? $" {word}" : word;
        }

        output.WriteLine(line);
    }

    // A pointer leads into the artifact when there is one, else into the span.
    private static string Place(RcaEvidence evidence)
    {
        var span = evidence.SpanId is { } id ? $"span {id}" : "";
        var artifact = evidence.ArtifactDigest is { } digest ? $" artifact {digest[..12]}…" : "";
        var quote = evidence.Quote is { } words ? $" “{Short(words)}”" : "";
        return $"{span}{artifact} {evidence.Pointer}{quote}".Trim();
    }

    private static string Short(string text) => text.Length <= 80 ? text : $"{text[..79]}…";

    private static string Seconds(double? seconds) =>
        seconds is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:0.###} s") : "unknown";

    private static string Dollars(double? dollars) =>
        dollars is { } value ? string.Create(CultureInfo.InvariantCulture, $"${value:0.######}") : "unknown";
}

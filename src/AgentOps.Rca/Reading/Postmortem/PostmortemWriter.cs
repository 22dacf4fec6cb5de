using System.Globalization;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Writes what is known of an incident as a document. Each sentence says no more than a record does.</summary>
internal sealed class PostmortemWriter
{
    private readonly StringBuilder _text = new();
    private readonly PostmortemContent _content;

    private PostmortemWriter(PostmortemContent content) => _content = content;

    /// <summary>The document, with lines that end in a line feed.</summary>
    /// <param name="content">What is known.</param>
    public static string Write(PostmortemContent content)
    {
        var writer = new PostmortemWriter(content);
        writer.WriteHead();
        if (content.Report is { } report)
        {
            writer.WriteCause(report);
            writer.WriteTimeline(report);
            writer.WriteEvidence(report);
            writer.WriteRest(report);
        }

        writer.WriteDecision();
        writer.WriteKpis();
        writer.WriteReplay();
        writer.WriteProof();
        return writer._text.ToString();
    }

    private void WriteHead()
    {
        var incident = _content.Incident;
        Line($"# Post-mortem: {(_content.File is { } file ? $"run of {Name(file)}" : Name(incident.ProblemType))}{(string.IsNullOrWhiteSpace(incident.OrderId) ? "" : $" of {Name(incident.OrderId)}")}");
        Line();
        Line($"- Incident: {MarkdownText.Code(incident.Id.ToString("D"))}, {(_content.File is null ? "opened" : "read from the file")} {Time(incident.CreatedTs)}");
        Line($"- Status: {Name(incident.Status)}");
        if (incident.EtaDeltaHours is { } hours and not 0)
        {
            Line(Words.Invariant($"- Outcome: {Math.Abs(hours):0.##} hours {(hours > 0 ? "late" : "early")}"));
        }

        if (_content.Report is { } report)
        {
            Line($"- Analysed: {Time(report.AnalysisTimestamp)} by the engine {Name(report.Engine)}, version {Name(report.EngineVersion)}{(report.Model is { } model ? $", with the model {Name(model)}" : "")}");
            if (!_content.IsLatest)
            {
                Line("- This is not the latest report: the incident was analysed again later.");
            }
        }
        else
        {
            Line();
            Line("This incident has not been analysed, so no cause can be told.");
        }
    }

    private void WriteCause(RcaReport report)
    {
        Heading("Root cause");
        Line(report.RootCause is { } cause && report.Verdict == RcaVerdict.Identified
            ? $"**{MarkdownText.Line(cause)}**"
            : "**Not known.** The evidence is too weak to name a cause.");
        Line();
        Line(report.Verdict == RcaVerdict.Identified
            ? $"The engine is {Words.Percent(report.Confidence)} confident in this. {Backing(report)}"
            : $"The likeliest hypothesis has a confidence of {Words.Percent(report.Confidence)}. {Backing(report)}");
        Line();
        Line(MarkdownText.Line(_content.File is { } file ? IncidentOrigin.Say(report.Summary, file) : report.Summary));
        var others = report.Hypotheses.Where(hypothesis => hypothesis.Rank > 1 || report.Verdict != RcaVerdict.Identified).ToList();
        Items("Other hypotheses", others, hypothesis =>
            $"{MarkdownText.Line(hypothesis.Cause)}{Cited(hypothesis.Evidence)}{(hypothesis.Grounded ? "" : " Not every citation of it could be checked.")}");
        Items("What made it worse", report.ContributingFactors, MarkdownText.Line);
        Items("What to do", report.Recommendations, MarkdownText.Line);
    }

    private void WriteTimeline(RcaReport report) => Items(
        "Timeline of what matters",
        report.Timeline,
        entry => $"{Time(entry.Time)}: {MarkdownText.Line(entry.Text)} ({MarkdownText.Code(entry.Tool)}, span {MarkdownText.Code(entry.SpanId)})");

    private void WriteEvidence(RcaReport report) => Items(
        "Evidence",
        report.Evidence,
        evidence => $"**{Name(evidence.Id)}** {MarkdownText.Line(evidence.Text)}{Place(evidence)} "
            + (evidence.Checked ? "Found in the recorded bytes when the report was made." : "**Not found** in the recorded bytes when the report was made."));

    private void WriteRest(RcaReport report)
    {
        Items("What was not looked at", report.Gaps, MarkdownText.Line);
        Items("Seen before", report.Patterns, pattern =>
            $"{MarkdownText.Code(pattern.Signature)} in {Words.Count(pattern.Count, "earlier incident")}"
            + (pattern.FirstSeen is { } first && pattern.LastSeen is { } last ? $", first {Time(first)}, last {Time(last)}." : ".")
            + string.Concat(pattern.Approved.Select(approved =>
                $" In incident {MarkdownText.Code(approved.IncidentId.ToString("D"))} this was approved{(approved.ApprovedBy is { } by ? $" by {(approved.Approver ?? new Actor(by)).Describe(Name(by))}" : "")}"
                + $"{(approved.Note is { } note ? $": “{MarkdownText.Line(note)}”" : "")}.")));
    }

    private void WriteDecision()
    {
        Heading("Decision");
        if (_content.Approval.Latest is not { } decision)
        {
            Line("Nobody has decided on this incident yet.");
            return;
        }

        var what = decision.Decision == ApprovalDecision.Approved ? "approved" : "rejected";
        var who = decision.Approver is { Name: { } by } approver ? $" by {approver.Describe(Name(by))}" : " by somebody who is not named";
        var note = decision.Note is { } said ? $": “{MarkdownText.Line(said)}”" : "";
        Line($"{(decision.ReportDigest is { } digest ? $"The report {MarkdownText.Code(digest)}" : "The incident, which then had no report,")} was {what}{who} at {Time(decision.DecidedAt)}{note}.");
        if (decision.FourEyes)
        {
            Line("The rule of four eyes was in force: who asked for an analysis may not decide on it.");
        }

        if (_content.Report?.ReportDigest is { } own && decision.ReportDigest != own)
        {
            Line("**That is another report than this one.**");
        }
    }

    private void WriteKpis()
    {
        var kpis = _content.Kpis;
        Items(
            "Figures",
            new (string Name, string? Value)[]
            {
                ("From the first to the last recorded call", Seconds(kpis.EvidenceTime)),
                (kpis.Analysis is { DetectedBySpanId: null } ? "From the opening of the incident to the first analysis" : "From detection to the first analysis", Seconds(kpis.TimeToRca)),
                ("Cost of the analyses", kpis.TokensCost is { } cost ? Words.Invariant($"${cost:0.######}") : null),
                ("The agent's own model calls", kpis.AgentUsage is { } usage ? $"{Words.Count(usage.Calls, "call")}, {Tokens(usage.InputTokens)} in, {Tokens(usage.OutputTokens)} out" : null),
            },
            static figure => $"{figure.Name}: {figure.Value ?? "not known"}");

        static string? Seconds(double? seconds) => seconds is { } known ? Words.Duration(known * 1_000_000_000) : null;

        static string Tokens(long? tokens) => tokens is { } known ? Words.Count(known, "token") : "an unknown number of tokens";
    }

    private void WriteReplay()
    {
        Heading("Replay");
        if (_content.Replay is not { } replay)
        {
            Line("The incident was not replayed for this document.");
            return;
        }

        var walked = $"{Words.Count(replay.SpanCount, "span")} walked, {Words.Count(replay.ArtifactCount, "artifact")} hashed, {Words.Count(replay.Analyses.Count, "analysis", "analyses")} made again";
        Line(replay.Verdict switch
        {
            ReplayVerdict.Reproduced => $"**Reproduced** for this document: {walked}. Every recorded byte is there and unchanged, and every report came out again, byte for byte.",
            ReplayVerdict.Diverged => $"**Diverged** for this document: {walked}. Something recorded is not what it was, or a report came out differently.",
            _ => $"**Incomplete** for this document: {walked}. Something recorded is missing, so nothing can be said of it.",
        });
        if (replay.FirstDivergence is { } first)
        {
            Line();
            Line($"First divergence{(first.SpanId is { } span ? $", at span {MarkdownText.Code(span)}" : "")}: {MarkdownText.Line(first.Message)}");
        }

        Line();
        Line($"Replay digest: {MarkdownText.Code(replay.ReplayDigest)}");
    }

    private void WriteProof()
    {
        if (_content.Report?.ReportDigest is not { } digest)
        {
            return;
        }

        Heading("How to check this");
        Line($"This document was made from the report whose stored bytes have the SHA-256 {MarkdownText.Code(digest)}. The report, the spans and the artifacts it names come in the incident's bundle (`POST /bundles`), which `sha256sum` and `openssl` check without this software.");
    }

    private void Items<T>(string heading, IReadOnlyCollection<T> items, Func<T, string> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        Heading(heading);
        foreach (var item in items)
        {
            Line($"- {write(item)}");
        }
    }

    private void Heading(string text)
    {
        Line();
        Line($"## {text}");
        Line();
    }

    private void Line(string text = "") => _text.Append(text).Append('\n');

    private static string Backing(RcaReport report)
    {
        var lost = report.Evidence.Count(static item => !item.Checked);
        return report.Evidence.Count == 0 ? "It names no evidence."
            : lost == 0 ? $"All {Words.Count(report.Evidence.Count, "citation")} below {(report.Evidence.Count == 1 ? "was" : "were")} found in the recorded bytes when the report was made."
            : $"{lost} of {Words.Count(report.Evidence.Count, "citation")} below could not be found in the recorded bytes when the report was made.";
    }

    private static string Place(RcaEvidence evidence)
    {
        List<string> parts = [];
        if (evidence.SpanId is { } span)
        {
            parts.Add($"span {MarkdownText.Code(span)}");
        }

        if (evidence.ArtifactDigest is { } artifact)
        {
            parts.Add($"artifact {MarkdownText.Code(artifact)}");
        }

        if (evidence.Pointer is { Length: > 0 } pointer)
        {
            parts.Add($"at {MarkdownText.Code(pointer)}");
        }

        return parts.Count == 0 ? "" : $" ({string.Join(", ", parts)})";
    }

    private static string Cited(IReadOnlyList<string> evidence) =>
        evidence.Count == 0 ? "" : $" ({string.Join(", ", evidence.Select(MarkdownText.Line))})";

    private static string Name(string text) => MarkdownText.Line(text) is { Length: > 0 } name ? name : "(empty)";

    private static string Time(DateTimeOffset time) => UnknownTime.Is(EpochUnit.FromInstant(time)) ? "time not recorded" : time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}

/// <summary>What a post-mortem is made of.</summary>
/// <param name="Incident">The incident as it stands.</param>
/// <param name="Report">The report, or null when there is none.</param>
/// <param name="IsLatest">Whether it is the latest one.</param>
/// <param name="Approval">Where the incident stands.</param>
/// <param name="Kpis">Its figures.</param>
/// <param name="Replay">What a replay found just now, or null when none was made.</param>
internal sealed record PostmortemContent(
    Incident Incident, RcaReport? Report, bool IsLatest, ApprovalState Approval, IncidentKpis Kpis, ReplayResult? Replay)
{
    /// <summary>The file that the incident's run was read from, in words; null when somebody reported the incident.</summary>
    public string? File { get; init; }
}

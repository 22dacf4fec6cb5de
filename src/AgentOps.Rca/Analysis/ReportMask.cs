using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Hides secrets and personal data in a report before it is stored, whichever engine made it: people mail reports. The evidence still
/// points at the original bytes, and what was quoted is cut to words that may be shown.
/// </summary>
internal static class ReportMask
{
    /// <summary>The version of what is hidden, as <see cref="CaseManifest.Masking"/> names it.</summary>
    public const string Version = Redactor.Version;

    /// <summary>The ids of what a report speaks of: they look random and are no secrets.</summary>
    public static IEnumerable<string> KnownIds(RcaCase rcaCase, RcaReport report) => report.Evidence
        .Select(static evidence => (evidence.SpanId, evidence.ArtifactDigest))
        .Concat(report.Timeline.Select(static entry => (SpanId: (string?)entry.SpanId, ArtifactDigest: (string?)null)))
        .SelectMany(named => named.SpanId is { } spanId && rcaCase.Spans.Find(spanId) is { } node
            ? [spanId, .. spanId.Split(':'), named.ArtifactDigest, node.ParentId, node.Tool, node.ArgsDigest?.ToString(), node.ResultDigest?.ToString()]
            : new[] { named.SpanId, named.ArtifactDigest })
        .Concat(report.Hypotheses.Select(static hypothesis => hypothesis.Tool))
        .OfType<string>()
        .Append(rcaCase.Incident.OrderId);

    /// <summary>The report without secrets and personal data.</summary>
    public static async ValueTask<RcaReport> ApplyAsync(RcaCase rcaCase, RcaReport report, CancellationToken cancellationToken)
    {
        rcaCase.Redactor.Know(KnownIds(rcaCase, report));
        var evidence = new List<RcaEvidence>(report.Evidence.Count);
        foreach (var item in report.Evidence)
        {
            evidence.Add(await MaskAsync(rcaCase, item, cancellationToken).ConfigureAwait(false));
        }

        var hypotheses = Ground(report, evidence);
        return report with
        {
            Summary = Hide(report.Summary),
            RootCause = HideAny(report.RootCause),
            Hypotheses = [.. hypotheses.Select(hypothesis => hypothesis with { Cause = Hide(hypothesis.Cause), Statements = HideAll(hypothesis.Statements) })],
            RuledOut = HideAll(report.RuledOut),
            ContributingFactors = [.. report.ContributingFactors.Select(Hide)],
            Recommendations = [.. report.Recommendations.Select(Hide)],
            Patterns = [.. report.Patterns.Select(pattern => pattern with { Approved = [.. pattern.Approved.Select(HidePrecedent)] })],
            Timeline = [.. report.Timeline.Select(entry => entry with { Text = Hide(entry.Text) })],
            Gaps = [.. report.Gaps.Select(Hide)],
            EmailDraft = HideAny(Prose.WithBacking(report, report with { Hypotheses = hypotheses, Evidence = evidence }).EmailDraft),
            Evidence = evidence,
        };

        string Hide(string text) => ReportMask.Hide(rcaCase.Redactor, text, personalDataIsMasked: false);

        string? HideAny(string? text) => text is null ? null : Hide(text);

        IReadOnlyList<RcaStatement>? HideAll(IReadOnlyList<RcaStatement>? statements) => statements is null ? null
            : [.. statements.Select(statement => statement with { Text = Hide(statement.Text), Why = HideAny(statement.Why) })];

        RcaPrecedent HidePrecedent(RcaPrecedent precedent) =>
            precedent with { RootCause = HideAny(precedent.RootCause), Note = HideAny(precedent.Note) };
    }

    // What no longer stands in the bytes carries nothing.
    private static List<RcaHypothesis> Ground(RcaReport report, List<RcaEvidence> evidence)
    {
        var broken = evidence.Where(static item => !item.Checked).Select(static item => item.Id).ToHashSet(StringComparer.Ordinal);
        return [.. report.Hypotheses.Select(hypothesis => hypothesis with { Grounded = hypothesis.Grounded && !hypothesis.Evidence.Any(broken.Contains) })];
    }

    private static async ValueTask<RcaEvidence> MaskAsync(RcaCase rcaCase, RcaEvidence item, CancellationToken cancellationToken)
    {
        var masked = ArtifactDigest.TryParse(item.ArtifactDigest, out var digest)
            && (await rcaCase.FindArtifact(digest, cancellationToken).ConfigureAwait(false))?.PiiMasked == true;
        var shown = item with { Text = Hide(rcaCase.Redactor, item.Text, masked) };
        if (item.Quote is not { } quote || rcaCase.Redactor.Redact(quote, masked) is var clear && clear == quote)
        {
            return shown;
        }

        // Words of the stored bytes must stay words of the stored bytes.
        shown = shown with { Quote = Redactor.LongestClearPart(clear) };
        return shown.Quote is not null || !item.Checked
            ? shown
            : shown with { Checked = await new EvidenceChecker(rcaCase).HoldsAsync(shown, cancellationToken).ConfigureAwait(false) };
    }

    // Characters that nobody sees must not hide a secret from the patterns. Text without one stays as it is.
    private static string Hide(Redactor redactor, string text, bool personalDataIsMasked)
    {
        text = redactor.Redact(text, personalDataIsMasked);
        return string.Join('\n', text.Split('\n').Select(line =>
        {
            var clean = UntrustedText.Clean(line);
            return redactor.Redact(clean, personalDataIsMasked) is var hidden && hidden != clean ? hidden : line;
        }));
    }
}

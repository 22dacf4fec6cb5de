using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>Reads back what an analysis looked at, and finds what is no longer as it was.</summary>
internal sealed class ManifestCase(CaseLoader loader, ArtifactVault vault, ReplayFindings findings)
{
    private const int MostManifestBytes = 64 * 1024 * 1024;

    // An incident that is analysed again and again mostly has the same evidence each time.
    private (string Digest, SpanIndex Index, RecordedEvidence Evidence)? _last;

    /// <summary>Takes evidence that was read before.</summary>
    /// <returns>The evidence when it is all as it was, else null; why not is told when the turn of the analysis comes.</returns>
    public CaseEvidence? Know(FirstCase first, Incident incident)
    {
        var evidence = first.Evidence.Build();
        _last = (first.Manifest.SpanIndexDigest, first.Index, evidence);
        return first.Manifest.Incident.IsSameAs(incident) && evidence is { Changed.Count: 0, Missing.Count: 0 } ? new CaseEvidence(evidence.Spans, first.Index) : null;
    }

    /// <summary>The manifest of an analysis; null, with a finding, when it cannot be read.</summary>
    public async ValueTask<CaseManifest?> ReadManifestAsync(Span analysis, CancellationToken cancellationToken)
    {
        if (!ArtifactDigest.TryParse(analysis.ArgsDigest, out var digest))
        {
            Unreadable(analysis, "It names no case manifest.");
            return null;
        }

        var read = await vault.ReadAllVerifiedAsync(digest, MostManifestBytes, cancellationToken).ConfigureAwait(false);
        if (!read.IsIntact)
        {
            // The walk has named the artifact; here it is said what follows from it.
            Unreadable(analysis, read.Fault.Message);
            return null;
        }

        if (RcaJson.ReadManifest(read.Content.Span) is { } manifest
            && manifest.FormatVersion == 1
            && analysis.Tool == ToolNames.AnalysisPrefix + manifest.Engine)
        {
            return manifest;
        }

        Unreadable(analysis, "Its arguments are no case manifest of this analysis.");
        return null;
    }

    /// <summary>The spans that an analysis looked at; null, with findings, when they are not all there and as they were.</summary>
    public async ValueTask<CaseEvidence?> ReadEvidenceAsync(
        Span analysis, CaseManifest manifest, Incident incident, CancellationToken cancellationToken)
    {
        if (await ReadRecordedAsync(analysis, manifest, incident.Id, cancellationToken).ConfigureAwait(false) is not ({ } index, { } evidence))
        {
            return null;
        }

        var isSound = true;
        if (!manifest.Incident.IsSameAs(incident))
        {
            findings.Diverged(
                ReplayDeviationKind.EvidenceChanged, analysis.SpanId, $"The incident does not say what it said when {analysis.SpanId} was made.",
                IncidentJson.StableDigest(manifest.Incident).ToString(), IncidentJson.StableDigest(incident).ToString());
            isSound = false;
        }

        foreach (var spanId in evidence.Added)
        {
            findings.Note(
                ReplayDeviationKind.EvidenceAdded, spanId, $"The span {spanId} came after the analysis {analysis.SpanId}, which did not look at it.",
                actual: analysis.SpanId);
        }

        foreach (var spanId in evidence.Changed)
        {
            findings.Diverged(
                ReplayDeviationKind.EvidenceChanged, spanId, $"The span {spanId} does not say what it said when it was analysed.",
                index.DigestAt(index.IndexOf(spanId)).ToString());
        }

        foreach (var spanId in evidence.Missing)
        {
            findings.Incomplete(
                ReplayDeviationKind.EvidenceMissing, spanId, $"The span {spanId} was analysed and is not there any more.",
                index.DigestAt(index.IndexOf(spanId)).ToString());
        }

        return isSound && evidence is { Changed.Count: 0, Missing.Count: 0 } ? new CaseEvidence(evidence.Spans, index) : null;
    }

    private async ValueTask<(SpanIndex?, RecordedEvidence?)> ReadRecordedAsync(
        Span analysis, CaseManifest manifest, Guid incidentId, CancellationToken cancellationToken)
    {
        if (_last is { } last && last.Digest == manifest.SpanIndexDigest)
        {
            return (last.Index, last.Evidence);
        }

        // Two are not held at a time.
        _last = null;
        if (await ReadIndexAsync(analysis, manifest, cancellationToken).ConfigureAwait(false) is not { } index)
        {
            return (null, null);
        }

        var evidence = await loader.LoadRecordedEvidenceAsync(incidentId, index, cancellationToken).ConfigureAwait(false);
        _last = (manifest.SpanIndexDigest, index, evidence);
        return (index, evidence);
    }

    /// <summary>The index that a manifest names; null, with a finding, when it cannot be read.</summary>
    public async ValueTask<SpanIndex?> ReadIndexAsync(Span analysis, CaseManifest manifest, CancellationToken cancellationToken)
    {
        if (!ArtifactDigest.TryParse(manifest.SpanIndexDigest, out var digest))
        {
            Unreadable(analysis, "Its case manifest names no span index.");
            return null;
        }

        var read = await vault.OpenVerifiedAsync(digest, cancellationToken).ConfigureAwait(false);
        switch (read.Fault)
        {
            case null:
                break;
            case ArtifactFault.Corrupt corrupt:
                findings.Diverged(
                    ReplayDeviationKind.DigestMismatch, analysis.SpanId, $"The span index of {analysis.SpanId} changed. {corrupt.Message}",
                    digest.ToString(), corrupt.Actual.Digest.ToString());
                return null;
            default:
                findings.Incomplete(
                    ReplayDeviationKind.MissingArtifact, analysis.SpanId,
                    $"The span index of {analysis.SpanId} cannot be read. {read.Fault.Message}", digest.ToString());
                return null;
        }

        var content = read.Content!;
        await using var contentDisposal = content.ConfigureAwait(false);
        try
        {
            return await SpanIndex.ReadAsync(content, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException failure)
        {
            Unreadable(analysis, failure.Message);
            return null;
        }
    }

    private void Unreadable(Span analysis, string reason) => findings.Incomplete(
        ReplayDeviationKind.CaseUnreadable, analysis.SpanId, $"What the analysis {analysis.SpanId} looked at cannot be read. {reason}",
        analysis.ArgsDigest);
}

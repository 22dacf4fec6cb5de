using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>Makes the reports of recorded analyses again and compares their digests.</summary>
internal sealed class AnalysisReplay(
    CaseLoader loader, ArtifactVault vault, RcaEngines engines, ReplayFindings findings)
{
    private const int MostReportBytes = 64 * 1024 * 1024;

    private readonly ManifestCase _cases = new(loader, vault, findings);
    private readonly MadeReports _made = new();

    /// <summary>Takes the evidence of the first analysis, and makes its report where that needs nothing else; the turn of the analysis then finds it made.</summary>
    /// <param name="first">The evidence, which has been read.</param>
    /// <param name="incident">The incident as it stands.</param>
    /// <param name="cancellationToken">Stops the engine.</param>
    public async Task BeginAsync(FirstCase first, Incident incident, CancellationToken cancellationToken)
    {
        var manifest = first.Manifest;
        if (_cases.Know(first, incident) is { } evidence
            && manifest.Masking is null or ReportMask.Version && engines.Find(manifest.Engine, manifest.EngineVersion) is ITimelessEngine { IsTimeless: true } engine)
        {
            try
            {
                await MakeAsync(engine, manifest, loader.Open(manifest.Frame, evidence.Spans, evidence.Index.MissingArtifacts), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not (OperationCanceledException or OutOfMemoryException))
            {
                // It will fail again in its turn, where that is a finding.
            }
        }
    }

    public async ValueTask<ReplayedAnalysis> RunAsync(
        Span analysis, IReadOnlyList<Span> recordedCalls, Incident incident, CancellationToken cancellationToken)
    {
        var engineName = analysis.Tool[ToolNames.AnalysisPrefix.Length..];
        var replayed = new ReplayedAnalysis(analysis.SpanId, engineName, null, analysis.ResultDigest, null, Reproduced: false);
        if (await _cases.ReadManifestAsync(analysis, cancellationToken).ConfigureAwait(false) is not { } manifest)
        {
            return replayed;
        }

        replayed = replayed with { EngineVersion = manifest.EngineVersion };
        if (await _cases.ReadEvidenceAsync(analysis, manifest, incident, cancellationToken).ConfigureAwait(false) is not { } evidence
            || FindEngine(analysis, manifest) is not { } engine)
        {
            return replayed;
        }

        var report = await MakeReportAsync(analysis, manifest, evidence, engine, recordedCalls, cancellationToken).ConfigureAwait(false);
        if (report is null)
        {
            return replayed;
        }

        var digest = ArtifactDigest.Of(report).ToString();
        replayed = replayed with { ReplayedDigest = digest, Reproduced = digest == analysis.ResultDigest };
        if (!replayed.Reproduced)
        {
            findings.Diverged(
                ReplayDeviationKind.ReportDiffers, analysis.SpanId,
                $"The report of {analysis.SpanId} came out differently{await DescribeDifferenceAsync(analysis, report, cancellationToken).ConfigureAwait(false)}.",
                analysis.ResultDigest, digest);
        }

        return replayed;
    }

    // A host that keeps an older version registered beside the newer one can make the reports of both again.
    private IRcaEngine? FindEngine(Span analysis, CaseManifest manifest)
    {
        if (engines.Find(manifest.Engine, manifest.EngineVersion) is { } engine)
        {
            if (manifest.Masking is null or ReportMask.Version)
            {
                return engine;
            }

            findings.Incomplete(
                ReplayDeviationKind.EngineVersionDiffers, analysis.SpanId,
                $"The report of {analysis.SpanId} was masked by version {manifest.Masking} of the redaction; here is version {ReportMask.Version}.",
                manifest.Masking, ReportMask.Version);
            return null;
        }

        var other = engines.Find(manifest.Engine)?.Version;
        var why = other is null
            ? $"The engine {manifest.Engine}, which made the report of {analysis.SpanId}, is not registered here."
            : $"The report of {analysis.SpanId} was made by version {manifest.EngineVersion} of engine {manifest.Engine}, which is not registered here; here is version {other}.";
        findings.Incomplete(ReplayDeviationKind.EngineVersionDiffers, analysis.SpanId, $"{why}", manifest.EngineVersion, other);
        return null;
    }

    private async ValueTask<byte[]?> MakeReportAsync(
        Span analysis, CaseManifest manifest, CaseEvidence evidence, IRcaEngine engine, IReadOnlyList<Span> recordedCalls,
        CancellationToken cancellationToken)
    {
        if (_made.Find(engine, manifest) is { } known)
        {
            return RcaJson.ToUtf8(known);
        }

        var calls = new AnalysisReplies(recordedCalls, vault);
        var rcaCase = loader.Open(manifest.Frame, evidence.Spans, evidence.Index.MissingArtifacts, inner => new ReplayingChatClient(inner, calls.FindReplyAsync));
        byte[]? report = null;
        string? failed = null;
        try
        {
            report = RcaJson.ToUtf8(await MakeAsync(engine, manifest, rcaCase, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or StoreUnavailableException or OutOfMemoryException))
        {
            // The recording comes from elsewhere and the engine may be anyone's: that it fails is a finding, not a fault of the replay.
            failed = failure.GetType().Name;
        }

        if (calls.Unanswered is { } prompt)
        {
            // What an engine makes of a model that does not answer says nothing of the report.
            findings.Incomplete(
                ReplayDeviationKind.CallNotRecorded, analysis.SpanId,
                $"The analysis {analysis.SpanId} asked a model, and no reply to that prompt can be read from the recording.", actual: prompt.ToString());
            return null;
        }

        if (failed is not null)
        {
            findings.Diverged(
                ReplayDeviationKind.ReportDiffers, analysis.SpanId,
                $"The engine {manifest.Engine} failed on the case of {analysis.SpanId}: {failed}.", analysis.ResultDigest);
        }

        return report;
    }

    private async ValueTask<RcaReport> MakeAsync(IRcaEngine engine, CaseManifest manifest, RcaCase rcaCase, CancellationToken cancellationToken)
    {
        var made = await engine.AnalyzeAsync(rcaCase, progress: null, cancellationToken).ConfigureAwait(false);
        made = manifest.Masking is null ? made : await ReportMask.ApplyAsync(rcaCase, made, cancellationToken).ConfigureAwait(false);
        _made.Keep(engine, manifest, made);
        return made;
    }

    private async ValueTask<string> DescribeDifferenceAsync(Span analysis, byte[] report, CancellationToken cancellationToken)
    {
        if (!ArtifactDigest.TryParse(analysis.ResultDigest, out var digest)
            || await vault.ReadAllVerifiedAsync(digest, MostReportBytes, cancellationToken).ConfigureAwait(false) is not { IsIntact: true } recorded)
        {
            return "; the recorded one cannot be read";
        }

        try
        {
            return JsonDifference.Find(JsonElement.Parse(recorded.Content.Span), JsonElement.Parse(report)) is { } difference
                ? $", first at {difference.Pointer}: recorded {difference.Expected ?? "nothing"}, now {difference.Actual ?? "nothing"}"
                : ", in its form only";
        }
        catch (JsonException)
        {
            return "; the recorded one is no JSON";
        }
    }
}

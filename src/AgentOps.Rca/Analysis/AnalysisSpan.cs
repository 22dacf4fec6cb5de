using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>The span that records an analysis: args = the case manifest, result = the report.</summary>
internal static class AnalysisSpan
{
    /// <summary>The attribute with the engine's version.</summary>
    public const string EngineVersion = "agentops.rca.engine.version";

    /// <summary>The attribute with the report's verdict.</summary>
    public const string Verdict = "agentops.rca.verdict";

    /// <summary>The attribute with the report's confidence.</summary>
    public const string Confidence = "agentops.rca.confidence";

    /// <summary>The attribute with the report's signature.</summary>
    public const string Signature = "agentops.rca.signature";

    /// <summary>The attribute with the cause that the report names, cut at 300 characters; absent when it names none.</summary>
    public const string RootCause = "agentops.rca.root_cause";

    /// <summary>The attribute with the cost in US dollars; null when it is unknown, absent when no model was called.</summary>
    public const string CostUsd = "agentops.cost_usd";

    /// <summary>The attribute with who asked for the analysis; absent when it was not told.</summary>
    public const string RequestedBy = "agentops.rca.requested_by";

    /// <summary>The attribute with how it is known who asked, an <see cref="Actor"/>; absent when a name was only claimed.</summary>
    public const string Requester = "agentops.rca.requester";

    /// <summary>The span's id: the same case analysed at another time is another analysis, a repeated write is the same one.</summary>
    /// <param name="manifestDigest">The digest of the case manifest.</param>
    public static string IdOf(ArtifactDigest manifestDigest) => SpanIds.OfAnalysis(manifestDigest);

    /// <summary>
    /// Whether a span records an analysis with a report. One that looks like an analysis but does not have the id that follows from its
    /// case came from elsewhere, and is none.
    /// </summary>
    /// <param name="span">A span.</param>
    public static bool HasReport(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return span.Tool.StartsWith(ToolNames.AnalysisPrefix, StringComparison.Ordinal) && span.ResultDigest is not null
            && ArtifactDigest.TryParse(span.ArgsDigest, out var manifest) && span.SpanId == IdOf(manifest);
    }

    /// <summary>Makes the span.</summary>
    /// <param name="manifest">The case.</param>
    /// <param name="manifestDigest">The digest of its stored form.</param>
    /// <param name="report">The report.</param>
    /// <param name="reportDigest">The digest of its stored form.</param>
    /// <param name="end">When the analysis ended.</param>
    public static Span Create(
        CaseManifest manifest, ArtifactDigest manifestDigest, RcaReport report, ArtifactDigest reportDigest, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(report);
        return new Span
        {
            SpanId = IdOf(manifestDigest),
            Tool = ToolNames.AnalysisPrefix + manifest.Engine,
            StartTs = EpochUnit.Microseconds(manifest.AnalyzedAt),
            EndTs = EpochUnit.Microseconds(end),
            ArgsDigest = manifestDigest.ToString(),
            ResultDigest = reportDigest.ToString(),
            IncidentId = manifest.Incident.Id.ToString("D"),
            Attributes = Attributes(manifest, report),
        };
    }

    /// <summary>The verdict as records say it, which is the word of <see cref="RcaJson"/>.</summary>
    public static string WordOf(RcaVerdict verdict) => verdict == RcaVerdict.Identified ? "identified" : "inconclusive";

    /// <summary>Who asked for the analysis, and how that is known; null when nobody was named.</summary>
    internal static Actor? ReadRequester(Span span) =>
        span.Attributes.TryGetProperty(Requester, out var known) && ActorJson.Read(known) is { } requester ? requester
        : span.Attributes.TryGetProperty(RequestedBy, out var name) && name.ValueKind == JsonValueKind.String ? Actor.Claimed(name.GetString())
        : null;

    private static JsonElement Attributes(CaseManifest manifest, RcaReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(EngineVersion, report.EngineVersion);
            writer.WriteString(Verdict, WordOf(report.Verdict));
            writer.WriteNumber(Confidence, report.Confidence);
            if (manifest.RequestedBy is not null)
            {
                writer.WriteString(RequestedBy, manifest.RequestedBy);
            }

            if (manifest.Requester is { } requester)
            {
                writer.WritePropertyName(Requester);
                ActorJson.Write(writer, requester);
            }

            if (report.Signature is not null)
            {
                writer.WriteString(Signature, report.Signature.Replace('\0', '\uFFFD'));
            }

            if (report.RootCause is { } cause)
            {
                writer.WriteString(RootCause, Evidence.Words.Short(cause, 300));
            }

            if (report.Model is not null || report.Usage is not null)
            {
                writer.WriteString("gen_ai.response.model", report.Model);
                if (report.Usage is { } usage)
                {
                    writer.WriteNumber("gen_ai.usage.input_tokens", usage.PromptTokens);
                    writer.WriteNumber("gen_ai.usage.output_tokens", usage.CompletionTokens);
                }

                if (report.CostUsd is { } cost)
                {
                    writer.WriteNumber(CostUsd, cost);
                }
                else
                {
                    writer.WriteNull(CostUsd);
                }
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}

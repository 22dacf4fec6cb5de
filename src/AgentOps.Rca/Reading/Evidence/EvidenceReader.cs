using System.Buffers;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Opens the bytes that a claim rests on. They are read and hashed for every answer; nothing is remembered.</summary>
internal sealed class EvidenceReader(IIncidentStore incidents, ISpanStore spans, ArtifactVault artifacts)
{
    private const int MostContext = 4_096;
    private const int MostKnown = 100;

    // What code checks evidence in.
    private const int MostBytes = 16 * 1024 * 1024;

    private readonly ReportReader _reports = new(spans, artifacts);
    private readonly RecordedSpanDigests _recorded = new(artifacts);

    public async ValueTask<EvidenceOutcome> ReadAsync(EvidenceQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Context);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Context, MostContext);
        if (await incidents.GetAsync(query.IncidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return new EvidenceOutcome.IncidentNotFound(query.IncidentId);
        }

        var (report, analysis, problem) = await _reports.FindAsync(query.IncidentId, query.ReportDigest, cancellationToken).ConfigureAwait(false);
        if (report is null || analysis is null)
        {
            return new EvidenceOutcome.ReportNotFound(problem ?? $"The incident {query.IncidentId:D} has not been analysed.");
        }

        if (report.Evidence.FirstOrDefault(item => item.Id == query.EvidenceId) is not { } evidence)
        {
            return new EvidenceOutcome.NotFound(report.ReportDigest!, [.. report.Evidence.Take(MostKnown).Select(static item => item.Id)]);
        }

        var opened = await OpenAsync(evidence, query.SourceOnly ? null : analysis, cancellationToken).ConfigureAwait(false);
        var range = opened.Bytes is { } bytes ? Locate(bytes.Span, evidence) : null;
        return new EvidenceOutcome.Found(new EvidenceView
        {
            IncidentId = query.IncidentId,
            ReportDigest = report.ReportDigest!,
            Id = evidence.Id,
            Kind = evidence.Kind,
            Text = evidence.Text,
            Checked = evidence.Checked,
            Holds = opened.Bytes is null ? null : await HoldsAsync(incident, evidence, opened, cancellationToken).ConfigureAwait(false),
            Source = opened.Source,
            Pointer = evidence.Pointer,
            Quote = evidence.Quote,
            Range = range,
            Context = range is { } place && opened.Bytes is { } content
                ? EvidenceWindow.Show(content.Span, place, query.Context, query.Mask ? Masking(incident, opened) : null, opened.PiiMasked)
                : null,
        });
    }

    /// <summary>All bytes of the source of some evidence, for who hashes them again; null when there are none.</summary>
    internal async ValueTask<Opened> OpenAsync(RcaEvidence evidence, Span? analysis, CancellationToken cancellationToken)
    {
        var span = evidence.SpanId is { } id ? await spans.GetAsync(id, cancellationToken).ConfigureAwait(false) : null;
        return evidence.ArtifactDigest is { } text
            ? await OpenArtifactAsync(text, evidence.SpanId, span, cancellationToken).ConfigureAwait(false)
            : await OpenSpanAsync(evidence.SpanId, span, analysis, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Opened> OpenSpanAsync(string? spanId, Span? span, Span? analysis, CancellationToken cancellationToken)
    {
        var recorded = spanId is null || analysis is null ? null : await _recorded.FindAsync(analysis, spanId, cancellationToken).ConfigureAwait(false);
        var source = new EvidenceSource { Kind = "span", SpanId = spanId, Mime = "application/json", RecordedSha256 = recorded?.ToString() };
        if (span is null)
        {
            return new Opened(source with { Fault = spanId is null ? "The evidence names no record." : "The span is not there any more." }, null, null, false);
        }

        var buffer = new ArrayBufferWriter<byte>(1_024);
        SpanJson.WriteCanonical(span, buffer);
        var digest = ArtifactDigest.Of(buffer.WrittenSpan);
        var isIntact = recorded is null ? (bool?)null : recorded == digest;
        return new Opened(
            source with
            {
                Tool = span.Tool,
                Length = buffer.WrittenCount,
                ComputedSha256 = digest.ToString(),
                Intact = isIntact,
                Fault = isIntact == false ? "The span is not what the analysis looked at: its SHA-256 was another one."
                    : recorded is null && analysis is not null ? "The analysis noted no SHA-256 of this span, or what it noted cannot be read." : null,
            },
            span,
            buffer.WrittenMemory,
            PiiMasked: false);
    }

    private async ValueTask<Opened> OpenArtifactAsync(string text, string? spanId, Span? span, CancellationToken cancellationToken)
    {
        var source = new EvidenceSource { Kind = "artifact", SpanId = spanId, Tool = span?.Tool, ArtifactDigest = text, RecordedSha256 = text };
        if (!ArtifactDigest.TryParse(text, out var digest))
        {
            return new Opened(source with { Fault = "What the evidence names is no digest of an artifact." }, span, null, false);
        }

        var read = await artifacts.ReadAllVerifiedAsync(digest, MostBytes, cancellationToken).ConfigureAwait(false);
        source = source with { Mime = read.Artifact?.Mime, RecordedSha256 = digest.ToString(), Fault = read.Fault?.Message };
        return read.IsIntact
            ? new Opened(source with { Length = read.Content.Length, ComputedSha256 = ArtifactDigest.Of(read.Content.Span).ToString(), Intact = true }, span, read.Content, read.Artifact.PiiMasked)
            : read.Fault is ArtifactFault.Corrupt changed
                ? new Opened(source with { Length = changed.Actual.Length, ComputedSha256 = changed.Actual.Digest.ToString(), Intact = false }, span, null, false)
                : new Opened(source with { Length = (read.Fault as ArtifactFault.TooLarge)?.Length }, span, null, false);
    }

    private static async ValueTask<bool> HoldsAsync(Incident incident, RcaEvidence evidence, Opened opened, CancellationToken cancellationToken)
    {
        var records = new RcaCase
        {
            Incident = incident,
            Spans = SpanForest.Build([]),
            AnalyzedAt = incident.CreatedTs,
            ReadSpan = (_, _) => ValueTask.FromResult(opened.Span),
            ReadArtifact = (_, _, _) => ValueTask.FromResult(opened.Bytes),
            FindArtifact = static (_, _) => ValueTask.FromResult<Artifact?>(null),
        };
        return await new EvidenceChecker(records).HoldsAsync(evidence, cancellationToken).ConfigureAwait(false);
    }

    // The value that the pointer leads to, or the words in it; without a pointer, the words wherever they first stand.
    private static ByteRange? Locate(ReadOnlySpan<byte> source, RcaEvidence evidence)
    {
        var value = evidence.Pointer is { } pointer ? JsonPlace.Find(source, pointer) : null;
        var words = evidence.Quote is { Length: > 0 } quote ? Encoding.UTF8.GetBytes(quote) : null;
        if (words is null)
        {
            return value;
        }

        var within = value is { } place ? source.Slice((int)place.Offset, (int)place.Length).IndexOf(words) : -1;
        return within >= 0 ? new ByteRange(value!.Value.Offset + within, words.Length)
            : value is not null ? value
            : source.IndexOf(words) is >= 0 and var at ? new ByteRange(at, words.Length) : null;
    }

    private static Redactor Masking(Incident incident, Opened opened)
    {
        // Ids of the records look random and are no secrets.
        var span = opened.Span;
        string?[] ids = [incident.Id.ToString("D"), incident.OrderId, span?.SpanId, span?.ParentId, span?.Tool, span?.ArgsDigest, span?.ResultDigest, .. span?.SpanId.Split(':') ?? [], .. span?.ParentId?.Split(':') ?? []];
        return new Redactor(ids.OfType<string>());
    }

    /// <summary>The source of some evidence: what is told of it, the span, and all its bytes when they can be read and are intact or a span's.</summary>
    internal sealed record Opened(EvidenceSource Source, Span? Span, ReadOnlyMemory<byte>? Bytes, bool PiiMasked);
}

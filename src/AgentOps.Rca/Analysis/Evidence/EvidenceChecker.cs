using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>
/// Holds evidence against the bytes it was read from. A pointer must lead to a value in the canonical form of the span, or in the
/// artifact; a quote must stand there; and an artifact must be one that the span names.
/// </summary>
internal sealed class EvidenceChecker(RcaCase rcaCase)
{
    private const int MostBytes = 16 * 1024 * 1024;

    public async ValueTask<bool> HoldsAsync(RcaEvidence evidence, CancellationToken cancellationToken)
    {
        Span? span = null;
        if (evidence.SpanId is { } spanId)
        {
            span = await rcaCase.ReadSpan(spanId, cancellationToken).ConfigureAwait(false);
            if (span is null)
            {
                return false;
            }
        }

        if (evidence.ArtifactDigest is { } text)
        {
            return ArtifactDigest.TryParse(text, out var digest)
                && (span is null || IsNamedBy(span, digest))
                && await rcaCase.ReadArtifact(digest, MostBytes, cancellationToken).ConfigureAwait(false) is { } content
                && Holds(content, evidence);
        }

        if (span is null)
        {
            return false;
        }

        var buffer = new ArrayBufferWriter<byte>(1024);
        SpanJson.WriteCanonical(span, buffer);
        return Holds(buffer.WrittenMemory, evidence);
    }

    // Words inside a text of JSON are escaped in the bytes; the text that the pointer leads to must hold them.
    private static bool HoldsWithin(ReadOnlyMemory<byte> content, RcaEvidence evidence, string quote) =>
        evidence.Pointer is { } pointer && JsonRules.TryParseRecord(content.Span, out var value) && JsonPointers.Find(value, pointer) is { ValueKind: JsonValueKind.String } text
        && text.GetString()!.Contains(quote, StringComparison.Ordinal);

    private static bool IsNamedBy(Span span, ArtifactDigest digest) =>
        (ArtifactDigest.TryParse(span.ArgsDigest, out var args) && args == digest)
        || (ArtifactDigest.TryParse(span.ResultDigest, out var result) && result == digest);

    private static bool Holds(ReadOnlyMemory<byte> content, RcaEvidence evidence)
    {
        if (evidence.Quote is { } quote && (quote.Length == 0 || (content.Span.IndexOf(Encoding.UTF8.GetBytes(quote)) < 0 && !HoldsWithin(content, evidence, quote))))
        {
            return false;
        }

        if (evidence.Pointer is not { } pointer)
        {
            return evidence.Quote is not null;
        }

        return JsonRules.TryParseRecord(content.Span, out var value) && JsonPointers.Find(value, pointer) is not null;
    }
}

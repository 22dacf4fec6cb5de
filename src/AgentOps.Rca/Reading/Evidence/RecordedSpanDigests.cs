using System.Buffers;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Looks up which SHA-256 an analysis noted for a span, without reading its index of a million others into memory.</summary>
internal sealed class RecordedSpanDigests(ArtifactVault artifacts)
{
    private const int MostManifestBytes = 64 * 1024 * 1024;
    private const int Block = 256 * 1024;

    /// <summary>The SHA-256 of the span's canonical form as it was; null when the analysis noted none or what it noted cannot be read.</summary>
    /// <param name="analysis">The span of the analysis.</param>
    /// <param name="spanId">The span that was looked at.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<ArtifactDigest?> FindAsync(Span analysis, string spanId, CancellationToken cancellationToken)
    {
        if (!ArtifactDigest.TryParse(analysis.ArgsDigest, out var manifest)
            || await artifacts.ReadAllVerifiedAsync(manifest, MostManifestBytes, cancellationToken).ConfigureAwait(false) is not { IsIntact: true } read
            || RcaJson.ReadManifest(read.Content.Span) is not { } looked
            || !ArtifactDigest.TryParse(looked.SpanIndexDigest, out var index)
            || await artifacts.OpenVerifiedAsync(index, cancellationToken).ConfigureAwait(false) is not { IsIntact: true } opened)
        {
            return null;
        }

        var content = opened.Content;
        await using (content.ConfigureAwait(false))
        {
            return await FindAsync(content, LineStart(spanId), cancellationToken).ConfigureAwait(false);
        }
    }

    private static byte[] LineStart(string spanId)
    {
        var buffer = new ArrayBufferWriter<byte>(spanId.Length + 8);
        buffer.Write("["u8);
        CanonicalJson.WriteText(spanId, buffer);
        buffer.Write(",\""u8);
        return buffer.WrittenSpan.ToArray();
    }

    // A text is escaped in JSON, so what opens a line stands nowhere else but after a line's end.
    private static async ValueTask<ArtifactDigest?> FindAsync(Stream content, byte[] start, CancellationToken cancellationToken)
    {
        var whole = start.Length + ArtifactDigest.TextLength;
        var buffer = new byte[Block + whole];
        for (var held = 0; ;)
        {
            var read = await content.ReadAtLeastAsync(buffer.AsMemory(held), 1, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            held += read;
            var at = buffer.AsSpan(0, held).IndexOf(start);
            if (at >= 0 && at + whole <= held)
            {
                return ArtifactDigest.TryParse(Encoding.ASCII.GetString(buffer, at + start.Length, ArtifactDigest.TextLength), out var digest) ? digest : null;
            }

            if (read == 0)
            {
                return null;
            }

            var keep = Math.Min(held, whole - 1);
            buffer.AsSpan(held - keep, keep).CopyTo(buffer);
            held = keep;
        }
    }
}

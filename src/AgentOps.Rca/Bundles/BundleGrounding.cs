using System.Globalization;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>
/// Whether what the latest report cites is in the bundle: the span or artifact, and in its bytes the place or the words. It does not take
/// the report's own word for it.
/// </summary>
internal static class BundleGrounding
{
    private const int MostArtifact = 64 * 1024 * 1024;

    public static async ValueTask<BundleCheck> CheckAsync(
        BundleStores stores, BundleContent content, RcaReport? report, CancellationToken cancellationToken)
    {
        if (report is null)
        {
            return new BundleCheck(false, "There is no report that can be read.");
        }

        var evidence = report.Evidence.DistinctBy(item => item.Id).ToDictionary(item => item.Id, StringComparer.Ordinal);
        foreach (var hypothesis in report.Hypotheses.Where(hypothesis => hypothesis.Grounded))
        {
            if (hypothesis.Evidence.Count == 0)
            {
                return Failed($"the cause of rank {hypothesis.Rank} is called grounded and cites nothing");
            }

            foreach (var id in hypothesis.Evidence)
            {
                if (!evidence.TryGetValue(id, out var item))
                {
                    return Failed($"the cause of rank {hypothesis.Rank} cites {id}, which the report does not hold");
                }

                if (await FindProblemAsync(stores, content, item, cancellationToken).ConfigureAwait(false) is { } problem)
                {
                    return Failed($"{id} {problem}");
                }
            }
        }

        var grounded = report.Hypotheses.Count(hypothesis => hypothesis.Grounded);
        var isWhole = report.Verdict == RcaVerdict.Inconclusive || report.Hypotheses is [{ Grounded: true }, ..];
        return new BundleCheck(
            isWhole,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{grounded} of {report.Hypotheses.Count} causes are grounded, and all they cite is in the bundle{(isWhole ? "" : "; the first cause is not one of them")}."));
    }

    private static BundleCheck Failed(string reason) => new(false, $"A citation does not hold: {reason}.");

    private static async ValueTask<string?> FindProblemAsync(
        BundleStores stores, BundleContent content, RcaEvidence item, CancellationToken cancellationToken)
    {
        if (!item.Checked)
        {
            return "was never checked";
        }

        byte[]? bytes = null;
        if (item.SpanId is { } spanId)
        {
            if (await ((ISpanStore)stores).GetAsync(spanId, cancellationToken).ConfigureAwait(false) is not { } span)
            {
                return $"names the span {spanId}, which is not in the bundle";
            }

            bytes = SpanBytes(span);
        }

        // A missing artifact can itself be evidence; then its span is what is cited.
        if (item.ArtifactDigest is { } name && ArtifactDigest.TryParse(name, out var digest) && content.HasArtifact(digest))
        {
            var read = await BundleReplay.VaultOf(stores).ReadAllVerifiedAsync(digest, MostArtifact, cancellationToken).ConfigureAwait(false);
            bytes = read.IsIntact ? read.Content.ToArray() : bytes;
        }

        return bytes is null ? "names no span or artifact of the bundle"
            : item.Quote is { Length: > 0 } quote && !Holds(bytes, quote) ? "quotes words that are not there"
            : item.Pointer is { } pointer && !Resolves(bytes, pointer) ? $"points at {pointer}, which is not there"
            : null;
    }

    private static byte[] SpanBytes(Span span)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        SpanJson.WriteCanonical(span, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static bool Holds(byte[] bytes, string quote) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(quote)) >= 0;

    private static bool Resolves(byte[] bytes, string pointer) =>
        pointer.Length == 0 || (JsonRules.TryParseRecord(bytes, out var value) && JsonPointers.Find(value, pointer) is not null);
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Zip;
using AgentOps.Rca.Json;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.Bundles;

/// <summary>What a bundle claims about itself, beside the list of its files.</summary>
/// <param name="IncidentId">The incident.</param>
/// <param name="IncludeUnmasked">Whether artifacts with unmasked personal data are in it.</param>
/// <param name="LeftOut">The artifacts that are named and not in it, by digest.</param>
/// <param name="ReplayVerdict">The verdict of <c>replay.json</c>.</param>
/// <param name="ReplayDigest">The replay digest of <c>replay.json</c>.</param>
/// <param name="ReportDigest">The latest report, or null.</param>
internal sealed record BundleClaims(
    Guid IncidentId,
    bool IncludeUnmasked,
    IReadOnlyList<LeftOutArtifact> LeftOut,
    ReplayVerdict ReplayVerdict,
    string ReplayDigest,
    string? ReportDigest)
{
    /// <summary>What the host found wrong with the records of decisions, each in a sentence; none in most bundles, which then do not speak of it.</summary>
    public IReadOnlyList<string> DecisionFindings { get; init; } = [];
}

/// <summary>
/// The statement of a bundle: an in-toto Statement v1 (https://in-toto.io/Statement/v1) in canonical JSON. Its subjects are all files
/// in their order, the size of each as an annotation, for statements of one file each would not be authenticated as a whole.
/// </summary>
internal static class BundleStatement
{
    public const string PredicateType = "https://github.com/agentops-rca/agentops-rca/blob/main/docs/bundle-v1.md";
    private const string Type = "https://in-toto.io/Statement/v1";
    private const int FlushAt = 64 * 1024;

    public static async ValueTask WriteAsync(
        BundleClaims claims, IEnumerable<BundleFile> files, Stream destination, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAt);
        Encoding.UTF8.GetBytes($"{{\"_type\":\"{Type}\",\"predicate\":{{\"artifacts_left_out\":[", buffer);
        var first = true;
        foreach (var (digest, reason) in claims.LeftOut)
        {
            Encoding.UTF8.GetBytes($"{(first ? "" : ",")}{{\"digest\":\"{digest}\",\"reason\":\"{reason}\"}}", buffer);
            first = false;
            await FlushAsync(FlushAt).ConfigureAwait(false);
        }

        Encoding.UTF8.GetBytes("]", buffer);
        if (claims.DecisionFindings.Count > 0)
        {
            buffer.Write(",\"decision_findings\":["u8);
            foreach (var (place, finding) in claims.DecisionFindings.Index())
            {
                buffer.Write(place == 0 ? ""u8 : ","u8);
                CanonicalJson.WriteText(finding, buffer);
            }

            buffer.Write("]"u8);
        }

        Encoding.UTF8.GetBytes(
            $",\"format_version\":1,\"incident_id\":\"{claims.IncidentId:D}\",\"include_unmasked\":{(claims.IncludeUnmasked ? "true" : "false")}"
            + $",\"replay\":{{\"digest\":\"{claims.ReplayDigest}\",\"verdict\":\"{Word(claims.ReplayVerdict)}\"}}"
            + $",\"report_digest\":{(claims.ReportDigest is { } report ? $"\"{report}\"" : "null")}}}"
            + $",\"predicateType\":\"{PredicateType}\",\"subject\":[",
            buffer);
        first = true;
        foreach (var file in files)
        {
            Encoding.UTF8.GetBytes(
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{(first ? "" : ",")}{{\"annotations\":{{\"size\":{file.Length}}},\"digest\":{{\"sha256\":\"{file.Sha256}\"}},\"name\":\"{file.Name}\"}}"),
                buffer);
            first = false;
            await FlushAsync(FlushAt).ConfigureAwait(false);
        }

        buffer.Write("]}"u8);
        await FlushAsync(0).ConfigureAwait(false);

        async ValueTask FlushAsync(int atLeast)
        {
            if (buffer.WrittenCount >= atLeast)
            {
                await destination.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
                buffer.ResetWrittenCount();
            }
        }
    }

    /// <summary>Reads the claims; null when the bytes are no statement of a bundle. The caller writes it again and compares.</summary>
    public static BundleClaims? ReadClaims(ReadOnlyMemory<byte> statement)
    {
        try
        {
            var root = JsonElement.Parse(statement.Span, JsonRules.DocumentOptions);
            var predicate = root.GetProperty("predicate");
            var replay = predicate.GetProperty("replay");
            ReplayVerdict? verdict = replay.GetProperty("verdict").GetString() switch
            {
                "reproduced" => ReplayVerdict.Reproduced,
                "diverged" => ReplayVerdict.Diverged,
                "incomplete" => ReplayVerdict.Incomplete,
                _ => null,
            };
            return verdict is null ? null : new BundleClaims(
                predicate.GetProperty("incident_id").GetGuid(),
                predicate.GetProperty("include_unmasked").GetBoolean(),
                [.. predicate.GetProperty("artifacts_left_out").EnumerateArray().Select(ReadLeftOut)],
                verdict.Value,
                ArtifactDigest.Parse(replay.GetProperty("digest").GetString()!).ToString(),
                predicate.GetProperty("report_digest").GetString() is { } report ? ArtifactDigest.Parse(report).ToString() : null)
            {
                DecisionFindings = predicate.TryGetProperty("decision_findings", out var findings) ? [.. findings.EnumerateArray().Select(static finding => finding.GetString()!)] : [],
            };
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException or KeyNotFoundException
            or ArgumentNullException)
        {
            return null;
        }
    }

    public static string Word(ReplayVerdict verdict) => verdict switch
    {
        ReplayVerdict.Reproduced => "reproduced",
        ReplayVerdict.Diverged => "diverged",
        _ => "incomplete",
    };

    private static LeftOutArtifact ReadLeftOut(JsonElement item) =>
        new(ArtifactDigest.Parse(item.GetProperty("digest").GetString()!), item.GetProperty("reason").GetString() switch
        {
            LeftOutArtifact.Missing => LeftOutArtifact.Missing,
            LeftOutArtifact.Changed => LeftOutArtifact.Changed,
            LeftOutArtifact.Unmasked => LeftOutArtifact.Unmasked,
            _ => throw new FormatException("The reason is unknown."),
        });
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>
/// The running hash of a walk. Each step is one line: a JSON array of texts and nulls in canonical form, the first one naming the step.
/// Sentences for people are not hashed, so that they may be reworded.
/// </summary>
internal sealed class ReplayHash : IDisposable
{
    private static readonly byte[] Missing = Encoding.UTF8.GetBytes($"deviation\",\"{ReplayDeviationKind.MissingArtifact}\",\"{ReplayEffect.Incomplete}");

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _line = new(1024);

    public ReplayHash(Incident incident) =>
        AppendLine(["agentops-rca-replay-1", IncidentJson.StableDigest(incident).ToString()]);

    public void AppendSpan(SpanNode span, in ArtifactDigest digest, string? args, string? result)
    {
        Begin("span"u8);
        CanonicalJson.WriteText(span.SpanIdUtf8, _line);
        Append(digest);
        Append(args);
        Append(result);
        End();
    }

    /// <summary>The same line as that of a deviation of this kind.</summary>
    public void AppendMissing(SpanNode span, in ArtifactDigest digest)
    {
        Begin(Missing);
        CanonicalJson.WriteText(span.SpanIdUtf8, _line);
        Append(digest);
        Append(null as string);
        End();
    }

    public void Append(ReplayDeviation deviation) => AppendLine(
        ["deviation", deviation.Kind.ToString(), deviation.Effect.ToString(), deviation.SpanId, deviation.Expected, deviation.Actual]);

    public void Append(ReplayedAnalysis analysis) => AppendLine(
        ["analysis", analysis.SpanId, analysis.Engine, analysis.EngineVersion, analysis.ReportDigest, analysis.ReplayedDigest]);

    public string Finish(ReplayVerdict verdict)
    {
        AppendLine(["verdict", verdict.ToString()]);
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void AppendLine(ReadOnlySpan<string?> texts)
    {
        _line.ResetWrittenCount();
        _line.Write("["u8);
        CanonicalJson.WriteText(texts[0]!, _line);
        foreach (var text in texts[1..])
        {
            Append(text);
        }

        End();
    }

    // The name of the step as it is, and up to where the id of a span comes.
    private void Begin(ReadOnlySpan<byte> step)
    {
        _line.ResetWrittenCount();
        _line.Write("[\""u8);
        _line.Write(step);
        _line.Write("\","u8);
    }

    private void Append(string? text)
    {
        _line.Write(","u8);
        if (text is null)
        {
            _line.Write("null"u8);
        }
        else
        {
            CanonicalJson.WriteText(text, _line);
        }
    }

    private void Append(in ArtifactDigest digest)
    {
        var room = _line.GetSpan(ArtifactDigest.TextLength + 3);
        ",\""u8.CopyTo(room);
        digest.CopyHexTo(room[2..]);
        room[ArtifactDigest.TextLength + 2] = (byte)'"';
        _line.Advance(ArtifactDigest.TextLength + 3);
    }

    private void End()
    {
        _line.Write("]\n"u8);
        _hash.AppendData(_line.WrittenSpan);
    }
}

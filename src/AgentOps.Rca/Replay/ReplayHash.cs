using System.Buffers;
using System.Security.Cryptography;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Replay;

/// <summary>
/// The running hash of a walk. Each step is one line: a JSON array of texts and nulls in canonical form, the first one naming the step.
/// Sentences for people are not hashed, so that they may be reworded.
/// </summary>
internal sealed class ReplayHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _line = new(1024);

    public ReplayHash(Incident incident) =>
        AppendLine(["agentops-rca-replay-1", IncidentJson.StableDigest(incident).ToString()]);

    public void AppendSpan(string spanId, ArtifactDigest digest, string? args, string? result) =>
        AppendLine(["span", spanId, digest.ToString(), args, result]);

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
        for (var i = 0; i < texts.Length; i++)
        {
            _line.Write(i == 0 ? "["u8 : ","u8);
            if (texts[i] is { } text)
            {
                CanonicalJson.WriteText(text, _line);
            }
            else
            {
                _line.Write("null"u8);
            }
        }

        _line.Write("]\n"u8);
        _hash.AppendData(_line.WrittenSpan);
    }
}

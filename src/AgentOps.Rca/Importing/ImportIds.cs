using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing;

/// <summary>
/// Ids of what comes from files. They are made of what the file itself calls a run or a step, so the same step always has the same id, in
/// whichever file it stands; an id that OpenTelemetry gave stays.
/// </summary>
internal static class ImportIds
{
    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    /// <summary>The id of a run.</summary>
    /// <param name="format">The format, so that two tools may call their runs alike.</param>
    /// <param name="run">What the file calls the run.</param>
    public static string TraceOf(string format, string run) => Hash($"agentops-rca import run\n{format}\n{run}", TraceBytes);

    /// <summary>The id of a step.</summary>
    /// <param name="traceId">The id of its run.</param>
    /// <param name="key">What tells it from the other steps of the run.</param>
    public static string SpanOf(string traceId, string key) => Hash($"agentops-rca import step\n{traceId}\n{key}", SpanBytes);

    /// <summary>The id that OpenTelemetry gave a run, or one made of what it is called.</summary>
    public static string GivenTraceOf(string format, string run) => OtlpText.Id(run.Length == 2 * TraceBytes ? run : null, TraceBytes) ?? TraceOf(format, run);

    /// <summary>The id that OpenTelemetry gave a step, or one made of what it is called.</summary>
    public static string GivenSpanOf(string traceId, string key) => OtlpText.Id(key.Length == 2 * SpanBytes ? key : null, SpanBytes) ?? SpanOf(traceId, key);

    /// <summary>The incident of a run.</summary>
    public static Guid IncidentOf(string traceId) => HashedId.Of("agentops-rca import incident\n" + traceId);

    private static string Hash(string text, int bytes) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, bytes));
}

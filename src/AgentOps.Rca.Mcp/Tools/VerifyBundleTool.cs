using System.Text.Json;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Mcp.Answers;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

/// <summary>Checks a bundle: its bytes, or, of a caller who is the user of this process, a file.</summary>
internal sealed class VerifyBundleTool(AgentOpsRcaMcpOptions options, bool isLocal) : RcaTool(options)
{
    private const int LongestDetail = 400;
    private const int MostBase64 = 24 * 1_024 * 1_024;

    protected override string Name => "verify_bundle";

    protected override string Description => "Whether a bundle is as it was exported, signed by a trusted key, replays, is grounded and approved. valid: intact and signed.";

    protected override string Properties => isLocal
        ? """
          "path":{"type":"string"}
          """
        : """
          "base64":{"type":"string"}
          """;

    protected override string[] Required => [isLocal ? "path" : "base64"];

    protected override string Answers => """
        "valid":{"type":"boolean"},"incident_id":{"type":"string"},"key_id":{"type":"string"},"region":{"type":"string"},"checks":{"type":"object"},"left_out":{"type":"integer"},"note":{"type":"string"}
        """;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var given = call.Arguments.Text(Required[0], isLocal ? 4_096 : MostBase64, required: true);
        if (call.Arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        Stream bundle;
        try
        {
            bundle = isLocal ? File.OpenRead(given!) : new MemoryStream(Convert.FromBase64String(given!), writable: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException or ArgumentException or NotSupportedException)
        {
            return Answer.Fail($"{Required[0]}: {(failure is FormatException ? "It must be base64." : failure.Message)}");
        }

        await using var bundleDisposal = bundle.ConfigureAwait(false);
        return await call.Get<IBundleVerifier>().VerifyAsync(bundle, cancellationToken).ConfigureAwait(false) switch
        {
            BundleVerificationOutcome.Verified { Verification: var verification } =>
                Answer.Fit(Options.AnswerBytes, LongestDetail, (json, most) => Write(json, verification, most)),
            BundleVerificationOutcome.NotABundle other => Answer.Fail($"{Required[0]}: {AnswerWriter.Cut(other.Reason, LongestDetail)}"),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of a verification."),
        };
    }

    private static void Write(Utf8JsonWriter json, BundleVerification verification, int most)
    {
        json.WriteBoolean("valid", verification.Valid);
        json.Text("incident_id", verification.IncidentId?.ToString("D"));
        json.Text("key_id", verification.KeyId);
        json.Text("replay_digest", verification.ReplayDigest);
        json.Name("region", verification.Region);
        json.WriteStartObject("checks");
        foreach (var (name, check) in verification.Checks.Named)
        {
            json.WriteStartObject(name);
            json.WriteBoolean("ok", check.Ok);
            json.Quoted("detail", check.Detail, most);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.End(0, cursor: null, page: null);
    }
}

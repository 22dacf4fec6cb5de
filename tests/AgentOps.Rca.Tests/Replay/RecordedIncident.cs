using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Replay;

/// <summary>An incident in stores of its own, which tests fill, analyse and then damage.</summary>
internal sealed class RecordedIncident : ISigningKeyProvider
{
    // One key for all tests: making one costs more than most of them.
    private static readonly SigningKey SharedKey = SigningKey.Generate();

    public Incident Incident { get; init; } = Samples.Incident(7);

    public InMemoryIncidentStore Incidents { get; } = new();

    public FaultySpanStore Spans { get; } = new();

    public InMemoryArtifactStore Rows { get; } = new();

    public FaultyContentStore Contents { get; } = new();

    public FakeTimeProvider Time { get; } = new(Samples.Instant.AddHours(1));

    public List<IRcaEngine> Engines { get; } = [new FirstFailureEngine()];

    public SigningKey Key { get; init; } = SharedKey;

    public List<VerificationKey> Trusted { get; } = [SharedKey.Public];

    public AgentOpsRcaOptions Options { get; } = new();

    public ArtifactVault Vault => new(Rows, Contents, Time);

    public string IncidentId => Incident.Id.ToString("D");

    public IReplayer Replayer => new StrictReplayer(Incidents, Spans, Vault, Engines, this);

    public BundleExporter Exporter => new(Incidents, Spans, Vault, Engines, this);

    public BundleVerifier Verifier => new(Engines, this);

    public IncidentApprovals Approvals => new(
        Incidents, Spans, new RcaReports(Spans, Vault), Time, Microsoft.Extensions.Options.Options.Create(Options), NullLogger<IncidentApprovals>.Instance);

    /// <summary>Decisions that are signed, as a host makes them.</summary>
    public IncidentApprovals SignedApprovals => new(
        Incidents, Spans, new RcaReports(Spans, Vault), Time, Microsoft.Extensions.Options.Options.Create(Options), NullLogger<IncidentApprovals>.Instance, intake: null, keys: this);

    public static async Task<RecordedIncident> CreateAsync(Incident? incident = null)
    {
        var recorded = new RecordedIncident { Incident = incident ?? Samples.Incident(7) };
        await recorded.Incidents.AddAsync(recorded.Incident);
        return recorded;
    }

    /// <summary>An order agent whose carrier call failed, with artifacts, analysed once.</summary>
    public static async Task<RecordedIncident> CreateAnalyzedAsync()
    {
        var recorded = await CreateAsync();
        var args = await recorded.PutAsync("""{"carrier":"north"}""");
        var result = await recorded.PutAsync("""{"error":"rate limited","retry_after":30}""");
        await recorded.AddAsync(
            recorded.Span("root", 1_000_000, tool: "agent.run/orders"),
            recorded.Span("call", 1_000_001, parent: "root", args: args, result: result, attributes: """{"status":"error","error.type":"rate_limited"}"""),
            recorded.Span("later", 1_000_020, parent: "root", result: await recorded.PutAsync("done", masked: true)));
        await recorded.AnalyzeAsync();
        return recorded;
    }

    public Span Span(
        string id, long start, string tool = "tool.call/ship", string? parent = null, string? args = null, string? result = null,
        string attributes = "{}") => new()
        {
            SpanId = id,
            ParentId = parent,
            Tool = tool,
            StartTs = start,
            EndTs = start + 5,
            ArgsDigest = args,
            ResultDigest = result,
            IncidentId = IncidentId,
            Attributes = JsonElement.Parse(attributes),
        };

    public async Task AddAsync(params Span[] spans) => Assert.Empty((await Spans.AddAsync(spans)).Conflicts);

    public async Task<string> PutAsync(string content, bool masked = false) =>
        (await Vault.PutAsync(Encoding.UTF8.GetBytes(content), "application/json", masked)).Artifact.Digest.ToString();

    public Task<RcaOutcome.Completed> AnalyzeAsync(string? requestedBy = null) => AnalyzeAsync(Actor.Claimed(requestedBy));

    public async Task<RcaOutcome.Completed> AnalyzeAsync(Actor? requester)
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        var analyzer = new RcaAnalyzer(Incidents, Spans, Vault, Engines, Time, NullLogger<RcaAnalyzer>.Instance);
        return Assert.IsType<RcaOutcome.Completed>(
            await analyzer.AnalyzeAsync(new RcaRequest { IncidentId = Incident.Id, Engine = FirstFailureEngine.EngineName, RequestedBy = requester?.Name, Requester = requester is { Authenticated: true } ? requester : null }));
    }

    public async Task<ReplayResult> ReplayAsync() => Assert.IsType<ReplayResult>(await Replayer.ReplayAsync(Incident.Id));

    public async Task<byte[]> ExportAsync(BundleOptions? options = null)
    {
        await using var export = Assert.IsType<BundleExport>(await Exporter.PrepareAsync(Incident.Id, options));
        using var bundle = new MemoryStream();
        await export.WriteToAsync(bundle);
        Assert.Equal(export.Length, bundle.Length);
        return bundle.ToArray();
    }

    public async Task<BundleVerification> VerifyAsync(byte[] bundle) =>
        Assert.IsType<BundleVerificationOutcome.Verified>(await Verifier.VerifyAsync(new MemoryStream(bundle))).Verification;

    ValueTask<SigningKey> ISigningKeyProvider.GetSigningKeyAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Key);

    ValueTask<IReadOnlyCollection<VerificationKey>> ISigningKeyProvider.GetTrustedKeysAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyCollection<VerificationKey>>(Trusted);
}

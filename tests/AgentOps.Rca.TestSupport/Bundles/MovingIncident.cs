using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Testing.Bundles;

/// <summary>An analysed and approved incident that tests fill into stores of any kind, export, import elsewhere and replay there.</summary>
public sealed class MovingIncident : ISigningKeyProvider
{
    private static readonly SigningKey Key = SigningKey.Generate();

    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;
    private readonly IArtifactStore _rows;
    private readonly IArtifactContentStore _contents;
    private readonly StoppedClock _clock = new();

    /// <summary>Stores in memory.</summary>
    public MovingIncident()
        : this(new InMemoryIncidentStore(), new InMemorySpanStore(), new InMemoryArtifactStore(), new InMemoryArtifactContentStore())
    {
    }

    /// <summary>Stores of a backend; one that keeps no bytes of artifacts has them in memory.</summary>
    /// <param name="stores">The stores of the test.</param>
    /// <param name="contents">Where the bytes of artifacts are, or null for memory.</param>
    public MovingIncident(StoreSet stores, IArtifactContentStore? contents)
        : this(stores?.Incidents!, stores?.Spans!, stores?.Artifacts!, contents ?? new InMemoryArtifactContentStore())
    {
    }

    private MovingIncident(IIncidentStore incidents, ISpanStore spans, IArtifactStore rows, IArtifactContentStore contents)
    {
        _incidents = incidents;
        _spans = spans;
        _rows = rows;
        _contents = contents;
    }

    /// <summary>The incident.</summary>
    public static Incident Incident { get; } = Samples.Incident(
        5, details: """{"z":1,"a":"Straße 漢字 🧯","I":"ı","number":0.1,"small":1e-7,"nested":{"b":[],"a":null}}""");

    private ArtifactVault Vault => new(_rows, _contents, _clock);

    private IRcaEngine[] Engines { get; } = [new TraceRcaEngine()];

    /// <summary>Writes the incident and all that belongs to it, spans in the order that <paramref name="seed"/> gives.</summary>
    public async Task FillAsync(int seed = 0)
    {
        await _incidents.AddAsync(Incident);
        Span[] spans =
        [
            Make("root", 1_773_500_000_000_000, 9_000_000, "agent.run/orders"),
            Make("plan", 1_773_500_000_000_001, 500_000, "llm.call/small-1", "root", """{"gen_ai.usage.input_tokens":120,"Ünïcode":"ß"}"""),
            Make("book", 1_773_500_001_000_000, 4_000_000, "tool.call/carrier.book", "root", """{"status":"error","error.type":"rate_limited","http.status_code":429}""")
                with { ArgsDigest = await PutAsync("""{"carrier":"north"}"""), ResultDigest = await PutAsync("""{"error":"rate limited","retry_after":30}""") },
            Make("\uE000 later", 1_773_500_006_000_000, 1_000_000, "tool.call/notify", "root") with { ResultDigest = await PutAsync(new string('ä', 70_000)) },
            Make("🧯", 1_773_500_006_000_000, 1_000_000, "tool.call/notify", "root"),
        ];
        new Random(seed).Shuffle(spans);
        foreach (var span in spans)
        {
            Assert.Empty((await _spans.AddAsync([span])).Conflicts);
        }

        var analyzer = new RcaAnalyzer(_incidents, _spans, Vault, Engines, _clock, NullLogger<RcaAnalyzer>.Instance);
        Assert.IsType<RcaOutcome.Completed>(await analyzer.AnalyzeAsync(new RcaRequest { IncidentId = Incident.Id, Engine = "trace", RequestedBy = "bob" }));
        var approvals = new IncidentApprovals(
            _incidents, _spans, new RcaReports(_spans, Vault), _clock, Options.Create(new AgentOpsRcaOptions()), NullLogger<IncidentApprovals>.Instance);
        Assert.IsType<ApprovalOutcome.Recorded>(
            await approvals.DecideAsync(new ApprovalRequest { IncidentId = Incident.Id, ApprovedBy = "ada", Note = "Read it." }));
    }

    /// <summary>The bundle.</summary>
    public async Task<byte[]> ExportAsync(BundleOptions? options = null)
    {
        var exporter = new BundleExporter(_incidents, _spans, Vault, Engines, this);
        await using var export = Assert.IsType<BundleExport>(await exporter.PrepareAsync(Incident.Id, options));
        using var bundle = new MemoryStream();
        await export.WriteToAsync(bundle);
        return bundle.ToArray();
    }

    /// <summary>Imports a bundle.</summary>
    public async Task<BundleImportOutcome> ImportAsync(byte[] bundle)
    {
        using var stream = new OneWayStream(bundle);
        return await new BundleImporter(_incidents, _spans, _rows, _contents, this).ImportAsync(stream);
    }

    /// <summary>What a verifier that knows the key says of a bundle.</summary>
    public async Task<BundleVerification> VerifyAsync(byte[] bundle)
    {
        using var stream = new MemoryStream(bundle);
        return Assert.IsType<BundleVerificationOutcome.Verified>(await new BundleVerifier(Engines, this).VerifyAsync(stream)).Verification;
    }

    /// <summary>Replays the incident.</summary>
    public async Task<ReplayResult> ReplayAsync() =>
        Assert.IsType<ReplayResult>(await new StrictReplayer(_incidents, _spans, Vault, Engines).ReplayAsync(Incident.Id));

    /// <summary>The bytes of a bundle up to the signature.</summary>
    public static byte[] Unsigned(byte[] bundle) => bundle[..bundle.AsSpan().IndexOf("attestation.json"u8)];

    ValueTask<SigningKey> ISigningKeyProvider.GetSigningKeyAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Key);

    ValueTask<IReadOnlyCollection<VerificationKey>> ISigningKeyProvider.GetTrustedKeysAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyCollection<VerificationKey>>([Key.Public]);

    private async Task<string> PutAsync(string content) =>
        (await Vault.PutAsync(Encoding.UTF8.GetBytes(content), "application/json")).Artifact.Digest.ToString();

    private static Span Make(string id, long start, long duration, string tool, string? parent = null, string attributes = "{}") => new()
    {
        SpanId = id,
        ParentId = parent,
        Tool = tool,
        StartTs = start,
        EndTs = start + duration,
        IncidentId = Incident.Id.ToString("D"),
        Attributes = JsonElement.Parse(attributes),
    };

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Samples.Instant.AddHours(1);
    }
}

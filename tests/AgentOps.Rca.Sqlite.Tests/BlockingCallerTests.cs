using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Sqlite.Tests;

/// <summary>
/// A caller of a user interface, of old ASP.NET or of a test runner has one thread for what follows an await, and some block it while they
/// wait. Whatever of ours would continue there waits for ever.
/// </summary>
public sealed class BlockingCallerTests : IDisposable
{
    private static readonly Guid IncidentId = new("0d6b0f5c-94b6-4a3e-8a39-3c1c1df6a201");
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("agentops-rca-blocking-");

    [Fact]
    public void A_caller_that_blocks_its_only_thread_gets_its_answers()
    {
        var context = new DeafContext();
        Exception? fault = null;
        var caller = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            fault = Record.Exception(Walk);
        })
        { IsBackground = true };
        caller.Start();

        Assert.True(caller.Join(TimeSpan.FromMinutes(2)), "The caller still waits.");
        Assert.Null(fault);
        Assert.Equal(0, context.Posted);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private void Walk()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca(options =>
        {
            options.DataDirectory = _directory.FullName;
            options.ArtifactDirectory = Path.Combine(_directory.FullName, "artifacts");
        }).UseSqlite(Path.Combine(_directory.FullName, "agentops.db"));
        using var provider = services.BuildServiceProvider();

        var incidents = provider.GetRequiredService<IIncidentStore>();
        Wait(incidents.AddAsync(new Incident { Id = IncidentId, OrderId = "A-1", ProblemType = "late_delivery", CreatedTs = DateTimeOffset.UnixEpoch }));
        var bytes = "{\"carrier\":\"north\"}"u8.ToArray();
        var arguments = Wait(provider.GetRequiredService<ArtifactVault>().PutAsync(bytes, "application/json", piiMasked: false)).Artifact.Digest;
        Wait(provider.GetRequiredService<ISpanStore>().AddAsync(
            [.. Enumerable.Range(0, 3).Select(number => new Span
            {
                SpanId = $"{number:d32}",
                ParentId = number == 0 ? null : $"{0:d32}",
                Tool = number == 0 ? "agent.run/orders" : "tool.call/create_shipment",
                StartTs = 1_750_000_000_000_000L + number,
                EndTs = 1_750_000_001_000_000L,
                ArgsDigest = arguments.ToString(),
                IncidentId = IncidentId.ToString("D"),
                Attributes = JsonElement.Parse("""{"error.type":"TimeoutException","error.message":"the carrier did not answer"}"""),
            })]));

        var completed = Assert.IsType<RcaOutcome.Completed>(
            Wait(provider.GetRequiredService<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = IncidentId })));
        Assert.Equal(RcaVerdict.Identified, completed.Report.Verdict);
        Wait(provider.GetRequiredService<IncidentApprovals>().DecideAsync(new ApprovalRequest { IncidentId = IncidentId, ApprovedBy = "ada", Decision = ApprovalDecision.Approved }));
        Assert.NotNull(Wait(provider.GetRequiredService<KpiReader>().ReadAsync(IncidentId)));
        Assert.NotNull(Wait(provider.GetRequiredService<IReplayer>().ReplayAsync(IncidentId)));
        using var bundle = new MemoryStream();
        var export = Wait(provider.GetRequiredService<BundleExporter>().PrepareAsync(IncidentId));
        export!.WriteToAsync(bundle).AsTask().GetAwaiter().GetResult();
        bundle.Position = 0;
        Wait(provider.GetRequiredService<BundleVerifier>().VerifyAsync(bundle));
        bundle.Position = 0;
        Wait(provider.GetRequiredService<BundleImporter>().ImportAsync(bundle));
    }

    private static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    /// <summary>Runs nothing that is posted to it, as a thread that is blocked does, and counts it.</summary>
    private sealed class DeafContext : SynchronizationContext
    {
        private int _posted;

        public int Posted => _posted;

        public override void Post(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posted);

        public override void Send(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posted);
    }
}

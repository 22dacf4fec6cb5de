using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>
/// The library without a host: a case goes in by every way that needs none and through every step after that, and then elsewhere, where the
/// store is another one: SQLite, or one more in memory, which is much faster.
/// </summary>
internal sealed class EmbeddedHouse : IAsyncDisposable
{
    private readonly AnalysisModelStub _model = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agentops-rca-");
    private readonly ServiceProvider _here;
    private readonly ServiceProvider _elsewhere;
    private readonly EmbeddedWays _ways;

    private EmbeddedHouse(ISigningKeyProvider keys, bool isSqlite)
    {
        _here = Build(keys, rca => rca.UseInMemory(), null);
        _elsewhere = isSqlite
            ? Build(keys, rca => rca.UseSqlite(Path.Combine(_folder.FullName, "elsewhere.db")), Path.Combine(_folder.FullName, "artifacts"))
            : Build(keys, rca => rca.UseInMemory(), null);
        _ways = new EmbeddedWays(_here);
    }

    public static async ValueTask<EmbeddedHouse> StartAsync(ISigningKeyProvider keys, bool isSqlite)
    {
        var house = new EmbeddedHouse(keys, isSqlite);
        foreach (var service in house._elsewhere.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        return house;
    }

    /// <summary>Takes an incident and its calls in and through; how many of the calls that were sent were taken.</summary>
    public async Task<long> RunAsync(GeneratedCase one, int number)
    {
        var incidentId = new Guid(number, 1, 1, [1, 1, 1, 1, 1, 1, 1, 1]);
        var id = incidentId.ToString("D");
        await OpenAsync(incidentId, one.Details);
        var taken = await _ways.SendJsonAsync(one, id, number)
            + await _ways.SendOtlpAsync(one, id, number)
            + await _ways.SendLogsAsync(one, id, number)
            + await _ways.RecordActivitiesAsync(one, id, number)
            + await _ways.RecordCallsAsync(one, id)
            + await _ways.AddAsync(one, id, number);
        Assert.Equal(taken, await CountAsync(_here, id));

        var report = await AnalyzeAsync(incidentId, "trace");
        Assert.DoesNotContain(report.Gaps, gap => gap.Contains("could not be found again", StringComparison.Ordinal));
        if (one.Answer is not null)
        {
            _model.Answer = one.Answer;
            await AnalyzeAsync(incidentId, "llm");
        }

        var figures = JsonSerializer.Serialize((await _here.GetRequiredService<KpiReader>().ReadAsync(incidentId))!, KpiJson.TypeInfo);
        var replay = await ReplayAsync(_here, incidentId);
        await MoveAsync(incidentId);
        var moved = await ReplayAsync(_elsewhere, incidentId);
        Assert.Equal(replay.ReplayDigest, moved.ReplayDigest);
        Assert.Equal(ReplayJson.ToUtf8(replay), ReplayJson.ToUtf8(moved));
        Assert.Equal(figures, JsonSerializer.Serialize((await _elsewhere.GetRequiredService<KpiReader>().ReadAsync(incidentId))!, KpiJson.TypeInfo));
        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _elsewhere.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<long> CountAsync(IServiceProvider place, string id)
    {
        var count = 0L;
        await foreach (var span in place.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery { IncidentId = id }))
        {
            Assert.Equal(JsonValueKind.Object, span.Attributes.ValueKind);
            count++;
        }

        return count;
    }

    // What the details hold may be refused, though only by the sentence that says so; the incident is opened without them then.
    private async Task OpenAsync(Guid id, GeneratedValue details)
    {
        var incident = new Incident
        {
            Id = id,
            OrderId = "o",
            ProblemType = "p",
            CreatedTs = new DateTimeOffset(2026, 1, 31, 9, 30, 0, TimeSpan.Zero).AddTicks(1_234_567),
            Details = EmbeddedWays.Element(details),
        };
        var store = _here.GetRequiredService<IIncidentStore>();
        try
        {
            Assert.Equal(WriteOutcome.Added, await store.AddAsync(incident));
        }
        catch (ArgumentException)
        {
            incident = incident with { Details = JsonElement.Parse("{}") };
            Assert.Equal(WriteOutcome.Added, await store.AddAsync(incident));
        }

        Assert.Equal(WriteOutcome.Duplicate, await store.AddAsync(incident));
    }

    private async Task<RcaReport> AnalyzeAsync(Guid incidentId, string engine)
    {
        var outcome = await _here.GetRequiredService<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = incidentId, Engine = engine });
        var report = Assert.IsType<RcaOutcome.Completed>(outcome).Report;
        Assert.InRange(report.Confidence, 0, 1);
        return report;
    }

    private static async Task<ReplayResult> ReplayAsync(IServiceProvider place, Guid incidentId)
    {
        var replay = await place.GetRequiredService<IReplayer>().ReplayAsync(incidentId);
        Assert.NotNull(replay);
        Assert.True(replay.Verdict == ReplayVerdict.Reproduced, $"{replay.Verdict}: {replay.FirstDivergence}");
        return replay;
    }

    private async Task MoveAsync(Guid incidentId)
    {
        using var zip = new MemoryStream();
        await using (var export = await _here.GetRequiredService<BundleExporter>().PrepareAsync(incidentId))
        {
            await export!.WriteToAsync(zip);
        }

        zip.Position = 0;
        var verified = await _elsewhere.GetRequiredService<BundleVerifier>().VerifyAsync(zip);
        var checks = Assert.IsType<BundleVerificationOutcome.Verified>(verified).Verification.Checks;
        foreach (var check in new[] { checks.Intact, checks.Signed, checks.Replay, checks.Grounded })
        {
            Assert.True(check.Ok, check.Detail);
        }

        zip.Position = 0;
        var imported = Assert.IsType<BundleImportOutcome.Imported>(await _elsewhere.GetRequiredService<BundleImporter>().ImportAsync(zip)).Import;
        Assert.Equal((true, 0L), (imported.Created, imported.SpansKnown));
    }

    private ServiceProvider Build(ISigningKeyProvider keys, Func<IAgentOpsRcaBuilder, IAgentOpsRcaBuilder> storage, string? artifacts)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(7) });
        services.AddSingleton(keys);
        services.Configure<AgentOpsRcaOptions>(options => options.ArtifactDirectory = artifacts);
        storage(services.AddAgentOpsRca()).UseChatClient(_ => _model);
        return services.BuildServiceProvider();
    }
}

using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Storage.Scoped;

/// <summary>Incidents in a context of EF Core, registered as such contexts are.</summary>
public sealed class EntityFrameworkStoreTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Incidents_may_lie_in_a_context_of_EF_Core()
    {
        var services = new ServiceCollection();
        services.AddDbContext<IncidentContext>(static options => options.UseInMemoryDatabase(nameof(EntityFrameworkStoreTests)));
        services.AddScoped<IIncidentStore, ContextIncidentStore>();
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        var opener = provider.GetRequiredService<IIncidentOpener>();
        var opened = Assert.IsType<IncidentOutcome.Opened>(await opener.OpenAsync(
            new NewIncident { OrderId = "order-1", ProblemType = "late_delivery", IdempotencyKey = "one" }, TestToken)).Incident;
        Assert.IsType<IncidentOutcome.AlreadyOpened>(await opener.OpenAsync(
            new NewIncident { OrderId = "order-1", ProblemType = "late_delivery", IdempotencyKey = "one" }, TestToken));

        var id = opened.Id.ToString("D");
        await provider.GetRequiredService<ISpanIntake>().AddAsync(
            [Samples.Span("a", 1_750_000_000_000, incidentId: id, attributes: """{"status":"error","error":{"type":"timeout"}}""")], TestToken);
        Assert.IsType<RcaOutcome.Completed>(await provider.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(
            new RcaRequest { IncidentId = opened.Id, Engine = "trace" }, cancellationToken: TestToken));
        Assert.IsType<ApprovalOutcome.Recorded>(await provider.GetRequiredService<IIncidentApprovals>().DecideAsync(
            new ApprovalRequest { IncidentId = opened.Id, ApprovedBy = "Alice" }, TestToken));
        Assert.Equal(1, (await provider.GetRequiredService<IKpiReader>().ReadAsync(opened.Id, TestToken))!.Evidence!.SpanCount);

        await using var scope = provider.CreateAsyncScope();
        Assert.Equal(IncidentStatus.Approved, (await scope.ServiceProvider.GetRequiredService<IncidentContext>().Incidents.SingleAsync(TestToken)).Status);
    }

    public sealed class IncidentRow
    {
        public Guid Id { get; init; }

        public string OrderId { get; init; } = "";

        public string ProblemType { get; init; } = "";

        public double? EtaDeltaHours { get; init; }

        public string Status { get; set; } = "";

        public DateTimeOffset CreatedTs { get; init; }

        public string Details { get; init; } = "{}";
    }

    public sealed class IncidentContext(DbContextOptions<IncidentContext> options) : DbContext(options)
    {
        public DbSet<IncidentRow> Incidents => Set<IncidentRow>();
    }

    private sealed class ContextIncidentStore(IncidentContext context) : IIncidentStore
    {
        public async ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken = default)
        {
            if (await GetAsync(incident.Id, cancellationToken) is { } stored)
            {
                return stored.IsSameAs(incident) ? WriteOutcome.Duplicate : WriteOutcome.Conflict;
            }

            context.Incidents.Add(new IncidentRow
            {
                Id = incident.Id,
                OrderId = incident.OrderId,
                ProblemType = incident.ProblemType,
                EtaDeltaHours = incident.EtaDeltaHours,
                Status = incident.Status,
                CreatedTs = incident.CreatedTs,
                Details = incident.Details.GetRawText(),
            });
            await context.SaveChangesAsync(cancellationToken);
            return WriteOutcome.Added;
        }

        public async ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken = default) =>
            await context.Incidents.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } row ? Read(row) : null;

        public async IAsyncEnumerable<Incident> ListAsync(
            IncidentQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var row in context.Incidents.AsNoTracking().OrderByDescending(row => row.CreatedTs).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                yield return Read(row);
            }
        }

        public async ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken = default)
        {
            if (await context.Incidents.SingleOrDefaultAsync(row => row.Id == id && row.Status == expected, cancellationToken) is not { } row)
            {
                return false;
            }

            row.Status = status;
            await context.SaveChangesAsync(cancellationToken);
            return true;
        }

        private static Incident Read(IncidentRow row) => new()
        {
            Id = row.Id,
            OrderId = row.OrderId,
            ProblemType = row.ProblemType,
            EtaDeltaHours = row.EtaDeltaHours,
            Status = row.Status,
            CreatedTs = row.CreatedTs,
            Details = row.Details == "{}" ? JsonRules.EmptyObject : JsonElement.Parse(row.Details),
        };
    }
}

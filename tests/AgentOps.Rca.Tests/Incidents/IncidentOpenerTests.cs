using AgentOps.Rca.Incidents;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Incidents;

public sealed class IncidentOpenerTests
{
    private static readonly NewIncident Late = new() { OrderId = "order-1", ProblemType = "late_delivery" };

    private readonly InMemoryIncidentStore _store = new();
    private readonly FakeTimeProvider _time = new(Samples.Instant.AddTicks(7));
    private readonly IncidentOpener _opener;

    public IncidentOpenerTests() => _opener = new IncidentOpener(_store, _time);

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_incident_is_stored_open_with_an_id_and_the_time_to_the_microsecond()
    {
        var incident = Assert.IsType<IncidentOutcome.Opened>(await _opener.OpenAsync(Late, TestToken)).Incident;
        Assert.Equal((IncidentStatus.Open, Samples.Instant, 7), (incident.Status, incident.CreatedTs, incident.Id.Version));
        Assert.True(incident.IsSameAs((await _store.GetAsync(incident.Id, TestToken))!));
    }

    [Fact]
    public async Task Without_id_and_key_each_call_opens_another_one()
    {
        var first = Assert.IsType<IncidentOutcome.Opened>(await _opener.OpenAsync(Late, TestToken)).Incident;
        var second = Assert.IsType<IncidentOutcome.Opened>(await _opener.OpenAsync(Late, TestToken)).Incident;
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task A_key_opens_one_incident_however_often_and_whatever_its_status_is_by_then()
    {
        var keyed = Late with { IdempotencyKey = "k 1" };
        var first = Assert.IsType<IncidentOutcome.Opened>(await _opener.OpenAsync(keyed, TestToken)).Incident;
        Assert.Equal(8, first.Id.Version);
        await _store.TrySetStatusAsync(first.Id, IncidentStatus.Open, "approved", TestToken);
        _time.Advance(TimeSpan.FromHours(1));
        var again = Assert.IsType<IncidentOutcome.AlreadyOpened>(await _opener.OpenAsync(keyed, TestToken)).Incident;
        Assert.Equal((first.Id, first.CreatedTs, "approved"), (again.Id, again.CreatedTs, again.Status));
        Assert.Equal(new IncidentOutcome.KeyReused(first.Id), await _opener.OpenAsync(keyed with { OrderId = "order-2" }, TestToken));
        Assert.Equal(new IncidentOutcome.KeyReused(first.Id), await _opener.OpenAsync(keyed with { CreatedTs = Samples.Instant.AddDays(-1) }, TestToken));
    }

    [Fact]
    public async Task An_id_of_the_callers_own_is_taken_once()
    {
        var own = Late with { Id = Guid.NewGuid(), IdempotencyKey = "beside" };
        Assert.Equal(own.Id, Assert.IsType<IncidentOutcome.Opened>(await _opener.OpenAsync(own, TestToken)).Incident.Id);
        Assert.IsType<IncidentOutcome.AlreadyOpened>(await _opener.OpenAsync(own, TestToken));
        Assert.Equal(new IncidentOutcome.IdTaken(own.Id!.Value), await _opener.OpenAsync(own with { ProblemType = "lost" }, TestToken));
    }

    [Fact]
    public async Task Every_mistake_is_named_with_its_member_and_nothing_is_stored()
    {
        var wrong = new NewIncident
        {
            OrderId = " ",
            ProblemType = new string('x', 513),
            EtaDeltaHours = double.NaN,
            Status = "rejected",
            IdempotencyKey = "é",
            Details = Samples.Json("[]"),
        };
        var problems = Assert.IsType<IncidentOutcome.Invalid>(await _opener.OpenAsync(wrong, TestToken)).Problems;
        Assert.Equal(
            ["idempotency_key", "order_id", "problem_type", "eta_delta_hours", "status", "details"], problems.Select(problem => problem.Member));
        Assert.All(problems, problem => Assert.EndsWith(".", problem.Message, StringComparison.Ordinal));
        await foreach (var _ in _store.ListAsync(new IncidentQuery(), TestToken))
        {
            Assert.Fail("Nothing may be stored.");
        }
    }

    [Fact]
    public async Task A_text_that_no_store_can_keep_is_a_mistake_and_no_exception()
    {
        foreach (var text in (string[])["a\0b", "a\ud800"])
        {
            var problems = Assert.IsType<IncidentOutcome.Invalid>(await _opener.OpenAsync(Late with { OrderId = text, Status = text }, TestToken)).Problems;
            Assert.Equal(["order_id", "status"], problems.Select(problem => problem.Member));
        }
    }

    [Fact]
    public async Task Of_many_that_open_under_one_key_exactly_one_does()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            async () => await _opener.OpenAsync(Late with { IdempotencyKey = "race" }, TestToken), TestToken)));
        Assert.Single(outcomes.OfType<IncidentOutcome.Opened>());
        Assert.Equal(15, outcomes.OfType<IncidentOutcome.AlreadyOpened>().Count());
    }
}

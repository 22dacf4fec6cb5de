using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Testing;

/// <summary>What every <see cref="IIncidentStore"/> does. A backend subclasses it and adds nothing.</summary>
/// <param name="backend">The backend under test.</param>
public abstract partial class IncidentStoreSuite(StoreBackend backend) : StoreSuite(backend)
{
    /// <inheritdoc/>
    protected sealed override object StoreUnderTest => Incidents;

    private IIncidentStore Incidents => Stores.Incidents;

    // A21: what the HTTP API refuses cannot come in from code either.
    [Fact]
    public async Task What_no_store_can_keep_is_refused_by_each_of_them()
    {
        Incident[] refused =
        [
            Samples.Incident(1) with { OrderId = "a\0" }, Samples.Incident(1) with { ProblemType = "\ud800" }, Samples.Incident(1) with { Status = "\0" },
            Samples.Incident(1) with { EtaDeltaHours = double.NaN }, Samples.Incident(1) with { EtaDeltaHours = double.PositiveInfinity },
            Samples.Incident(1) with { Details = Samples.Json("[]") }, Samples.Incident(1) with { Details = Samples.Json("""{"a":"\u0000"}""") },
            Samples.Incident(1) with { Details = default }, Samples.Incident(1) with { Details = Samples.Deep(65) },
        ];
        foreach (var incident in refused)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await Incidents.AddAsync(incident, TestToken));
        }

        Assert.Null(await Incidents.GetAsync(Samples.Incident(1).Id, TestToken));
    }

    [Fact]
    public async Task A_new_incident_is_added_and_read_back()
    {
        var incident = Samples.Incident(1);
        Assert.Equal(WriteOutcome.Added, await AddAsync(incident));
        await AssertStoredAsync(incident);
    }

    [Fact]
    public async Task An_unknown_id_is_null()
    {
        await AddAsync(Samples.Incident(1));
        Assert.Null(await Incidents.GetAsync(Samples.Id(2), TestToken));
        Assert.Null(await Incidents.GetAsync(Guid.Empty, TestToken));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.0)]
    [InlineData(-0.5)]
    [InlineData(0.1)]
    [InlineData(1e21)]
    [InlineData(5e-324)]
    [InlineData(double.MaxValue)]
    public async Task The_delta_comes_back_to_the_last_bit(double? hours)
    {
        var incident = Samples.Incident(1) with { EtaDeltaHours = hours };
        await AddAsync(incident);
        await AssertStoredAsync(incident);
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(incident));
    }

    [Theory]
    [InlineData("2026-03-14T15:09:26.535897Z")]
    [InlineData("2026-03-14T15:09:26.000001+05:30")]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("1969-12-31T23:59:59.999999Z")]
    [InlineData("2100-02-28T23:59:59.999999Z")]
    public async Task The_time_comes_back_to_the_microsecond(string text)
    {
        var incident = Samples.Incident(1, DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
        await AddAsync(incident);
        await AssertStoredAsync(incident);
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(incident with { CreatedTs = incident.CreatedTs.ToUniversalTime() }));
        Assert.Equal(WriteOutcome.Conflict, await AddAsync(incident with { CreatedTs = incident.CreatedTs.AddMicroseconds(1) }));
    }

    [Fact]
    public async Task A_second_write_is_a_duplicate_whatever_the_status_has_become()
    {
        await AddAsync(Samples.Incident(1, details: """{"a":1,"b":[1.0]}"""));
        Assert.True(await Incidents.TrySetStatusAsync(Samples.Id(1), "open", "approved", TestToken));
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(Samples.Incident(1, details: """{ "b":[1], "a":1e0 }""")));
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(Samples.Incident(1, status: "other", details: """{"a":1,"b":[1]}""")));
        Assert.Equal("approved", (await Incidents.GetAsync(Samples.Id(1), TestToken))?.Status);
    }

    [Fact]
    public async Task Any_other_member_under_the_same_id_is_a_conflict_and_the_first_stays()
    {
        var first = Samples.Incident(1);
        await AddAsync(first);
        Incident[] others =
        [
            first with { OrderId = "other" }, first with { ProblemType = "other" }, first with { EtaDeltaHours = 4 },
            first with { EtaDeltaHours = null }, first with { CreatedTs = first.CreatedTs.AddSeconds(1) },
            first with { Details = Samples.Json("{}") }, first with { Details = Samples.Json("""{"carrier":"south"}""") },
        ];
        foreach (var other in others)
        {
            Assert.Equal(WriteOutcome.Conflict, await AddAsync(other));
        }

        await AssertStoredAsync(first);
    }

    [Theory]
    [MemberData(nameof(Samples.HardJson), MemberType = typeof(Samples))]
    public async Task Details_come_back_with_the_same_canonical_form(string json)
    {
        var incident = Samples.Incident(1, details: json);
        await AddAsync(incident);
        await AssertStoredAsync(incident);
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(incident));
    }

    [Theory]
    [MemberData(nameof(Samples.HostileText), MemberType = typeof(Samples))]
    public async Task Hostile_text_is_only_text(string text)
    {
        var incident = Samples.Incident(1, orderId: text, problemType: text, status: text);
        await AddAsync(incident);
        await AddAsync(Samples.Incident(2, orderId: "zz", problemType: "zz", status: "zz"));
        await AssertStoredAsync(incident);
        Assert.Equal([1], await ListAsync(new IncidentQuery { OrderId = text }));
        Assert.Equal([1], await ListAsync(new IncidentQuery { ProblemType = text }));
        Assert.Equal([1], await ListAsync(new IncidentQuery { Status = text }));
        Assert.Equal(text.Length == 0 ? [2, 1] : [1], await ListAsync(new IncidentQuery { Text = text }));
        Assert.True(await Incidents.TrySetStatusAsync(incident.Id, text, text + "!", TestToken));
    }

    [Fact]
    public async Task The_status_changes_only_from_the_expected_one()
    {
        await AddAsync(Samples.Incident(1));
        Assert.False(await Incidents.TrySetStatusAsync(Samples.Id(1), "approved", "rejected", TestToken));
        Assert.False(await Incidents.TrySetStatusAsync(Samples.Id(1), "OPEN", "rejected", TestToken));
        Assert.False(await Incidents.TrySetStatusAsync(Samples.Id(2), "open", "rejected", TestToken));
        Assert.True(await Incidents.TrySetStatusAsync(Samples.Id(1), "open", "approved", TestToken));
        await AssertStoredAsync(Samples.Incident(1, status: "approved"));
        Assert.Equal([1], await ListAsync(new IncidentQuery { Status = "approved" }));
        Assert.Empty(await ListAsync(new IncidentQuery { Status = "open" }));
    }

    [Fact]
    public async Task Of_many_callers_exactly_one_changes_the_status()
    {
        await AddAsync(Samples.Incident(1));
        var changed = await RaceAsync(racer => Incidents.TrySetStatusAsync(Samples.Id(1), "open", $"by-{racer}", TestToken).AsTask());
        var winner = Assert.Single(Enumerable.Range(0, Racers), racer => changed[racer]);
        Assert.Equal($"by-{winner}", (await Incidents.GetAsync(Samples.Id(1), TestToken))?.Status);
    }

    [Fact]
    public async Task Of_many_writers_of_one_incident_exactly_one_adds_it()
    {
        var same = await RaceAsync(_ => AddAsync(Samples.Incident(1)));
        Assert.Single(same, outcome => outcome == WriteOutcome.Added);
        Assert.Equal(Racers - 1, same.Count(outcome => outcome == WriteOutcome.Duplicate));

        var different = await RaceAsync(racer => AddAsync(Samples.Incident(2, orderId: $"order-{racer}")));
        var winner = Assert.Single(Enumerable.Range(0, Racers), racer => different[racer] == WriteOutcome.Added);
        Assert.Equal(Racers - 1, different.Count(outcome => outcome == WriteOutcome.Conflict));
        Assert.Equal($"order-{winner}", (await Incidents.GetAsync(Samples.Id(2), TestToken))?.OrderId);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_starts_does_nothing()
    {
        await AddAsync(Samples.Incident(1));
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Incidents.AddAsync(Samples.Incident(2), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Incidents.GetAsync(Samples.Id(1), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Incidents.TrySetStatusAsync(Samples.Id(1), "open", "approved", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await ReadAllAsync(Incidents.ListAsync(new IncidentQuery(), cancelled)));
        Assert.Equal([1], await ListAsync(new IncidentQuery { Status = "open" }));
    }

    [Fact]
    public async Task What_was_written_is_there_after_the_store_is_reopened()
    {
        SkipUnless(Backend.IsDurable, "keeps nothing beyond the process");
        await AddAsync(Samples.Incident(1));
        await AddAsync(Samples.Incident(2));
        await Incidents.TrySetStatusAsync(Samples.Id(2), "open", "approved", TestToken);
        await Stores.ReopenAsync();
        await AssertStoredAsync(Samples.Incident(1));
        await AssertStoredAsync(Samples.Incident(2, status: "approved"));
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(Samples.Incident(1)));
    }

    private Task<WriteOutcome> AddAsync(Incident incident) => Incidents.AddAsync(incident, TestToken).AsTask();

    private async Task AssertStoredAsync(Incident expected)
    {
        var stored = await Incidents.GetAsync(expected.Id, TestToken);
        Assert.NotNull(stored);
        Assert.Equal(expected with { Details = default }, stored with { Details = default });
        Samples.AssertSameJson(expected.Details, stored.Details);
    }
}

using System.Globalization;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage;

/// <summary>Who waits for artifacts is shown those that came, whoever brought them and whenever what brought them was committed.</summary>
public abstract class ArrivalsTests(SupabaseTestBackend backend)
{
    private static readonly Guid IncidentId = new("0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111");

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Artifacts_of_another_host_are_counted_when_they_come()
    {
        await using var here = await CreateAsync();
        await using var there = backend.Open();
        await here.Spans.AddAsync([.. Enumerable.Range(0, 2_000).Select(Naming)], TestToken);
        await there.Artifacts.AddAsync(Row(1), TestToken);
        var counter = new IncidentCounter(here.Spans, here.Artifacts);
        Assert.Equal(new IncidentCounts(2_000, 1), await counter.CountAsync(IncidentId, TestToken));

        await there.Artifacts.AddAsync(Row(2) with { CreatedTs = DateTimeOffset.UnixEpoch }, TestToken);
        await there.Artifacts.AddAsync(Row(1) with { PiiMasked = true }, TestToken);
        await there.Artifacts.AddAsync(Row(50_000), TestToken);
        Assert.Equal(new IncidentCounts(2_000, 2), await counter.CountAsync(IncidentId, TestToken));
        await there.Artifacts.AddManyAsync([.. Enumerable.Range(0, 1_500).Select(Row)], TestToken);
        Assert.Equal(new IncidentCounts(2_000, 1_500), await counter.CountAsync(IncidentId, TestToken));
        Assert.Equal(new IncidentCounts(2_000, 1_500), await new IncidentCounter(there.Spans, there.Artifacts).CountAsync(IncidentId, TestToken));
    }

    [Fact]
    public async Task What_an_open_transaction_adds_is_counted_when_it_is_committed()
    {
        await using var stores = await CreateAsync();
        await stores.Spans.AddAsync([Naming(1), Naming(2), Naming(3)], TestToken);
        var counter = new IncidentCounter(stores.Spans, stores.Artifacts);
        await using var connection = await backend.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync(TestToken))
        {
            await using var insert = connection.CreateCommand();
            insert.CommandText = $"insert into public.artifacts (digest, mime, length) values ('{DigestOf(1)}', 'text/plain', 4)";
            await insert.ExecuteNonQueryAsync(TestToken);
            Assert.Equal(new IncidentCounts(3, 0), await counter.CountAsync(IncidentId, TestToken));
            // A later one is committed before it.
            await stores.Artifacts.AddAsync(Row(2), TestToken);
            Assert.Equal(new IncidentCounts(3, 1), await counter.CountAsync(IncidentId, TestToken));
            Assert.Equal(new IncidentCounts(3, 1), await counter.CountAsync(IncidentId, TestToken));
            await transaction.CommitAsync(TestToken);
        }

        Assert.Equal(new IncidentCounts(3, 2), await counter.CountAsync(IncidentId, TestToken));
    }

    [Fact]
    public async Task A_mark_of_a_database_that_was_put_back_shows_everything()
    {
        await using var stores = await CreateAsync();
        await stores.Artifacts.AddManyAsync([Row(1), Row(2)], TestToken);
        var arrivals = (IArtifactArrivals)stores.Artifacts;
        HashSet<ArtifactDigest> shown = [];
        var mark = await arrivals.ShowSinceAsync(long.MaxValue / 2, digest => shown.Add(digest), TestToken);
        Assert.Equal([DigestOf(1), DigestOf(2)], shown.OrderBy(digest => digest != DigestOf(1)));
        Assert.InRange(mark!.Value, 1, long.MaxValue / 4);
    }

    [Fact]
    public async Task Many_that_came_at_once_are_shown_page_by_page()
    {
        const int Many = 45_000;
        await using var stores = await CreateAsync();
        var arrivals = (IArtifactArrivals)stores.Artifacts;
        var mark = await arrivals.ShowSinceAsync(null, static _ => { }, TestToken);
        await using var connection = await backend.OpenConnectionAsync();
        await using var insert = connection.CreateCommand();
        insert.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"insert into public.artifacts (digest, mime, length) select encode(sha256(number::text::bytea), 'hex'), 'text/plain', 4 from generate_series(1, {Many}) number");
        await insert.ExecuteNonQueryAsync(TestToken);

        HashSet<ArtifactDigest> shown = [];
        await arrivals.ShowSinceAsync(mark, digest => shown.Add(digest), TestToken);
        Assert.Equal(Many, shown.Count);
        HashSet<ArtifactDigest> present = [];
        await arrivals.ShowPresentAsync([.. shown.Concat(Enumerable.Range(0, 500).Select(DigestOf)).Order()], digest => present.Add(digest), TestToken);
        Assert.Equal(shown.Order(), present.Order());
    }

    private async Task<StorageBackend> CreateAsync()
    {
        Assert.SkipUnless(
            backend.Unavailable is null || Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", $"{backend.Name}: {backend.Unavailable}");
        await using (await backend.CreateAsync())
        {
            return backend.Open();
        }
    }

    private static ArtifactDigest DigestOf(int number) => ArtifactDigest.Of(BitConverter.GetBytes(number));

    private static Artifact Row(int number) => new() { Digest = DigestOf(number), Length = 4, Mime = "text/plain", CreatedTs = Samples.Instant };

    private static Span Naming(int number) => Samples.Span(string.Create(CultureInfo.InvariantCulture, $"s{number}"), incidentId: IncidentId.ToString("D")) with
    {
        ArgsDigest = DigestOf(number).ToString(),
        ResultDigest = null,
    };
}

public sealed class PostgresArrivalsTests(PostgresBackend backend) : ArrivalsTests(backend), IClassFixture<PostgresBackend>;

public sealed class PgBouncerArrivalsTests(PgBouncerBackend backend) : ArrivalsTests(backend), IClassFixture<PgBouncerBackend>;

public sealed class DataApiArrivalsTests(DataApiBackend backend) : ArrivalsTests(backend), IClassFixture<DataApiBackend>;

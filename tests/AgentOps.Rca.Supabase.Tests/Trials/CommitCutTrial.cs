using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Supabase.Tests.Http;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>
/// The statement is committed, and its reply is cut off after so many bytes: the store cannot know, asks again, and nothing is there twice.
/// </summary>
public sealed class CommitCutTrial
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task A_commit_whose_reply_is_cut_at_any_place_is_acknowledged_once_and_stored_once()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = new StatementProxy(database.Direct);
        await using var backend = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = proxy.Address }, TimeProvider.System, NullLoggerFactory.Instance);
        var vault = new ArtifactVault(backend.Artifacts, backend.Contents, TimeProvider.System);
        var places = Trial.Size(3, 25);
        var (cuts, spans) = (0, 1L);
        await backend.Spans.AddAsync([Samples.Span("known")], TestToken);
        foreach (var statement in (string[])["copy public.spans", "insert into public.spans", "insert into public.incidents", "insert into public.artifacts", "insert into public.artifact_contents"])
        {
            for (var place = 0; place < places; place++)
            {
                var number = ++cuts;
                // From no byte at all to all but the last one.
                var cut = proxy.Arm(statement, after: reply => Task.FromResult(places == 1 ? 0 : place * (reply.Length - 1) / (places - 1)));
                switch (statement)
                {
                    case "copy public.spans" or "insert into public.spans":
                        // After one that failed, batches are not copied for a while; one with a known span never is.
                        for (var batch = 0; batch == 0 || !cut.IsCompleted; batch++)
                        {
                            Span[] sent = [.. Enumerable.Range(0, 30).Select(index => Samples.Span($"cut-{number}-{batch}-{index}")), .. statement.StartsWith("insert", StringComparison.Ordinal) ? (Span[])[Samples.Span("known")] : []];
                            var written = await backend.Spans.AddAsync(sent, TestToken);
                            Assert.Equal((sent.Length, 0), (written.Added + written.Duplicates, written.Conflicts.Count));
                            spans += 30;
                        }

                        break;
                    case "insert into public.incidents":
                        Assert.NotEqual(WriteOutcome.Conflict, await backend.Incidents.AddAsync(Samples.Incident(number), TestToken));
                        break;
                    default:
                        await vault.PutAsync(BitConverter.GetBytes(number), "application/octet-stream", cancellationToken: TestToken);
                        break;
                }

                await cut.WaitAsync(TestToken);
            }
        }

        Assert.Equal(spans, await database.ReadAsync<long>("select count(*) from spans"));
        Assert.Equal(1L * places, await database.ReadAsync<long>("select count(*) from incidents"));
        Assert.Equal(2L * places, await database.ReadAsync<long>("select count(*) from artifacts"));
        Assert.Equal(2L * places, await database.ReadAsync<long>("select count(*) from artifact_contents where digest = encode(sha256(data), 'hex')"));
        Trial.Report("COMMIT reply cut off by a TCP proxy", $"{cuts} places, every write acknowledged, 0 lost, 0 doubled");
    }

    [Fact]
    public async Task A_change_of_status_whose_reply_is_cut_is_not_made_twice_and_the_decision_can_be_sent_again()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = new StatementProxy(database.Direct);
        await using var host = await SupabaseHost.StartAsync(("SUPABASE_DB_URL", proxy.Address));
        var (_, incident) = await host.PostAsync("/incidents", """{"order_id":"o","problem_type":"p"}""");
        var path = $"/incidents/{incident.GetProperty("id").GetGuid()}/approve";
        _ = proxy.Arm("update public.incidents set status", after: _ => Task.FromResult(0));

        var (first, _) = await host.PostAsync(path, """{"approved_by":"ada"}""");
        var (second, answer) = await host.PostAsync(path, """{"approved_by":"ada"}""");

        Assert.Contains((int)first, (int[])[200, 503]);
        Assert.Equal(200, (int)second);
        Assert.Equal("approved", answer.GetProperty("status").GetString());
        Assert.Equal(1L, await database.ReadAsync<long>("select count(*) from spans where tool = 'human.approval'"));
    }

    [Fact]
    public async Task Migrations_whose_commit_reply_is_cut_are_found_done()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await using var proxy = new StatementProxy(database.Direct);
        await using var backend = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = proxy.Address }, TimeProvider.System, NullLoggerFactory.Instance);
        var cut = proxy.Arm("COMMIT", after: _ => Task.FromResult(3));
        Assert.Null(await backend.PrepareAsync(backend.Contents!, TestToken));
        await cut.WaitAsync(TestToken);
    }
}

using System.Transactions;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

/// <summary>Which way spans go into a table: by COPY where all of a batch are new, else by an insert; what is stored and told is the same.</summary>
public sealed class SupabaseSpanCopyTests
{
    // What was stored by which statement, without what was rolled back.
    private const string Watch =
        """
        create table ways (span_id text, way text);
        create function watch() returns trigger language plpgsql security definer as
            $$ begin insert into public.ways values (new.span_id, split_part(ltrim(current_query()), ' ', 1)); return new; end $$;
        create trigger watch before insert on spans for each row execute function watch();
        """;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_of_new_spans_is_copied_one_with_a_known_span_is_inserted_and_so_are_the_next_ones_for_a_while()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(Watch);
        await using var backend = Open(database.Direct);

        Assert.Equal(2, (await AddAsync(backend, "a", "b")).Added);
        Assert.Equal("copy", await WayAsync(database, "b"));

        var mixed = await backend.Spans.AddAsync([Samples.Span("b"), Samples.Span("a") with { Tool = "another" }, Samples.Span("c")], TestToken);
        Assert.Equal((1, 1), (mixed.Added, mixed.Duplicates));
        Assert.Equal(["a"], mixed.Conflicts);
        Assert.Equal("insert", await WayAsync(database, "c"));

        await AddAsync(backend, "d");
        await AddAsync(backend, "e");
        Assert.Equal("insert", await WayAsync(database, "e"));
        await AddAsync(backend, "f");
        Assert.Equal("copy", await WayAsync(database, "f"));
        Assert.Equal(6L, await database.ReadAsync<long>("select count(*) from spans"));
    }

    [Fact]
    public async Task A_column_of_another_type_is_inserted_into()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("alter table spans alter column parent_id type varchar(100);" + Watch);
        await using var backend = Open(database.Direct);

        Assert.Equal(1, (await AddAsync(backend, "a")).Added);
        Assert.Equal("insert", await WayAsync(database, "a"));
    }

    [Theory]
    [InlineData("alter table spans drop constraint spans_pkey")]
    [InlineData("alter table spans drop constraint spans_pkey; alter table spans add primary key (span_id, start_ts)")]
    [InlineData("create rule as_ever as on insert to spans do also notify spans_came")]
    public async Task What_an_insert_could_not_keep_apart_or_would_not_see_is_not_copied_either(string sql)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(sql);
        await using var backend = Open(database.Direct);

        await Assert.ThrowsAnyAsync<Exception>(async () => await AddAsync(backend, "a"));
        Assert.Equal(0L, await database.ReadAsync<long>("select count(*) from spans"));
    }

    [Fact]
    public async Task In_a_transaction_of_the_callers_a_span_that_is_there_ends_nothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        var settings = SupabaseConnectionString.Parse(database.Direct, "The test").Settings.ConnectionString;
        await using var source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(settings) { Enlist = true }.ConnectionString).Build();
        await using var backend = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = source.ConnectionString, DataSource = source }, TimeProvider.System, NullLoggerFactory.Instance);
        await AddAsync(backend, "a");

        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            Assert.Equal((1, 1), await AddAsync(backend, "a", "b") is var written ? (written.Added, written.Duplicates) : default);
            scope.Complete();
        }

        Assert.Equal(2L, await database.ReadAsync<long>("select count(*) from spans"));
    }

    [Fact]
    public async Task Whoever_is_bound_by_row_level_security_inserts()
    {
        await using var database = await TestDatabase.CreateAsync();
        var user = $"writer_{database.Name}";
        await database.ExecuteAsync(
            $"""
            create role {user} login password 'writer-password';
            grant usage on schema public to {user};
            grant select, insert on spans to {user};
            create policy all_of_it on spans to {user} using (true) with check (true);
            """ + Watch);
        try
        {
            await using var backend = Open(new UriBuilder(database.Direct) { UserName = user, Password = "writer-password" }.Uri.ToString());

            Assert.Equal(1, (await AddAsync(backend, "a")).Added);
            Assert.Equal("insert", await WayAsync(database, "a"));
        }
        finally
        {
            await database.ExecuteAsync($"drop policy all_of_it on spans; revoke all on spans from {user}; revoke all on schema public from {user}; drop role {user}");
        }
    }

    private static ValueTask<SpanWriteResult> AddAsync(SupabaseBackend backend, params string[] ids) =>
        backend.Spans.AddAsync([.. ids.Select(static id => Samples.Span(id))], TestToken);

    private static async Task<string> WayAsync(TestDatabase database, string id) =>
        (await database.ReadAsync<string>($"select string_agg(way, ' ') from ways where span_id = '{id}'"))!;

    private static SupabaseBackend Open(string address) => new(new SupabaseBackendOptions { ConnectionString = address }, TimeProvider.System, NullLoggerFactory.Instance);
}

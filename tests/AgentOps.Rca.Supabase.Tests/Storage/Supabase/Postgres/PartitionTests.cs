using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing.Supabase;
using Npgsql;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

/// <summary>What supabase/optional/partition_spans.sql does with a table that is in use.</summary>
public sealed class PartitionTests
{
    private const string Spans = """
        insert into spans (span_id, tool, start_ts, end_ts, attributes, incident_id)
        select 's' || i, 'tool.call/t', i, i + 1, '{"a":1}', case when i % 3 = 0 then 'incident-' || i % 7 end from generate_series(1, 5000) as i;
        """;

    private static readonly string[] Facts =
    [
        "select string_agg(md5(s::text), '' order by span_id) from spans s",
        "select string_agg(incident_id || sum, ' ' order by incident_id) from (select incident_id, sum(spans) from agentops_span_counts group by 1 having sum(spans) <> 0) c",
        "select string_agg(tgname || tgenabled::text, ' ' order by tgname) from pg_trigger where tgrelid = 'spans'::regclass and not tgisinternal",
        "select string_agg(indexname, ' ' order by indexname) from pg_indexes where schemaname = 'public' and tablename = 'spans'",
        "select string_agg(attname || format_type(atttypid, atttypmod) || attcollation::text || attnotnull, ' ' order by attnum) from pg_attribute where attrelid = 'spans'::regclass and attnum > 0",
        "select string_agg(pg_get_userbyid(grantee) || privilege_type, ' ' order by 1) from pg_class, aclexplode(relacl) where oid = 'spans'::regclass and grantee <> 0",
        "select string_agg(policyname || cmd || roles::text || coalesce(qual, ''), ' ' order by policyname) from pg_policies where tablename = 'spans'",
        "select relrowsecurity || ' ' || relforcerowsecurity || ' ' || pg_get_userbyid(relowner) from pg_class where oid = 'spans'::regclass",
        "select string_agg(p.proname || coalesce(p.proacl::text, ''), ' ' order by p.proname) from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname like 'agentops%'",
        "select coalesce(string_agg(problem, ' '), '') from agentops_table_problems()",
    ];

    [Fact]
    public async Task Rows_counts_rights_triggers_and_functions_stay_as_they_were()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync(Spans + """
            create policy "readers of one tool" on spans for select to authenticated using (tool = 'tool.call/%t');
            alter table spans disable trigger agentops_spans_emptied;
            """);
        var before = await ReadAsync(database);

        await database.PartitionAsync();
        Assert.Equal(before, await ReadAsync(database));
        Assert.Equal(16L, await database.ReadAsync<long>("select count(*) from pg_inherits where inhparent = 'spans'::regclass"));

        await database.ExecuteAsync("delete from spans where span_id = 's3'; update spans set incident_id = 'incident-x' where span_id in ('s1', 's2')");
        Assert.Equal(2L, await database.ReadAsync<long>("select agentops_span_count('incident-x')"));
        Assert.Equal(
            await database.ReadAsync<long>("select count(*) from spans where incident_id = 'incident-3'"),
            await database.ReadAsync<long>("select sum(spans)::bigint from agentops_span_counts where incident_id = 'incident-3'"));

        // Once more it changes nothing.
        var partitioned = await ReadAsync(database);
        await database.PartitionAsync();
        Assert.Equal(partitioned, await ReadAsync(database));
    }

    [Fact]
    public async Task No_role_of_a_browser_reaches_a_partition()
    {
        await using var database = await CreateAsync();
        await database.PartitionAsync();
        Assert.Equal(0L, await database.ReadAsync<long>("""
            select count(*) from pg_inherits, unnest(array['anon', 'authenticated']) as browser
            where inhparent = 'spans'::regclass and (has_table_privilege(browser, inhrelid, 'select, insert, update, delete')
                or has_schema_privilege(browser, 'public_partitions', 'usage'))
            """));
    }

    [Theory]
    [InlineData("create view seen as select span_id from spans", "the view public.seen")]
    [InlineData("create table notes (span_id text references spans)", "the foreign key notes_span_id_fkey")]
    [InlineData("create unique index of_tools on spans (tool)", "the unique index public.of_tools")]
    [InlineData("create publication followers for table spans", "the publication followers")]
    public async Task What_it_could_not_take_along_is_named_and_nothing_is_changed(string sql, string named)
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync(sql);
        await database.ExecuteAsync("insert into spans (span_id, tool, start_ts, end_ts) values ('a', 't', 1, 2)");
        var refused = await Assert.ThrowsAsync<PostgresException>(database.PartitionAsync);
        Assert.Contains(named, refused.MessageText, StringComparison.Ordinal);
        Assert.Equal("r", await database.ReadAsync<string>("select relkind::text from pg_class where oid = 'spans'::regclass"));
        Assert.Equal(1L, await database.ReadAsync<long>("select count(*) from spans"));
    }

    [Fact]
    public async Task The_migrations_may_run_again_on_it()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync(Spans);
        await database.PartitionAsync();
        var before = await ReadAsync(database);
        foreach (var migration in SupabaseMigrations.All)
        {
            await database.ExecuteAsync(SupabaseMigrations.Read(migration));
        }

        Assert.Equal(before, await ReadAsync(database));
    }

    private static Task<TestDatabase> CreateAsync()
    {
        Assert.SkipWhen(TestDatabase.Partitions is not null, "It begins with a table that is whole (AGENTOPS_TEST_PARTITIONS).");
        return TestDatabase.CreateAsync();
    }

    private static async Task<IReadOnlyList<string?>> ReadAsync(TestDatabase database)
    {
        List<string?> facts = [];
        foreach (var fact in Facts)
        {
            facts.Add(await database.ReadAsync<string>(fact));
        }

        return facts;
    }
}

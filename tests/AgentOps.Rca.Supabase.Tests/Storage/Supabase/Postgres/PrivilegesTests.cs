using System.Net;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

/// <summary>What a project's default privileges give to the roles of browsers is taken back.</summary>
public sealed class PrivilegesTests
{
    private const string AsProjectsDo =
        """
        alter default privileges in schema {0} grant all on tables to anon, authenticated, service_role;
        alter default privileges in schema {0} grant all on functions to anon, authenticated, service_role;
        """;

    private const string Left =
        """
        select string_agg(role || ' ' || what, ', ' order by role, what) from unnest(array['anon', 'authenticated']) as role, lateral (
            select c.relname || ' ' || privilege as what from pg_class c, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as privilege
            where c.relnamespace = '{0}'::regnamespace and c.relkind = 'r' and has_table_privilege(role, c.oid, privilege)
            union all
            select p.proname || '()' from pg_proc p where p.pronamespace = '{0}'::regnamespace and p.proname like 'agentops%' and has_function_privilege(role, p.oid, 'execute')) as found
        """;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Browsers_have_no_privilege_on_our_tables_and_functions()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await database.ExecuteAsync(Of(AsProjectsDo, "public"));
        foreach (var migration in SupabaseMigrations.All)
        {
            await database.ExecuteAsync(SupabaseMigrations.Read(migration));
        }

        Assert.Null(await database.ReadAsync<string>(Of(Left, "public")));
        Assert.True(await database.ReadAsync<bool>("select has_table_privilege('service_role', 'public.spans', 'insert') and has_function_privilege('service_role', 'public.agentops_schema_version()', 'execute')"));

        await using var server = await PostgrestServer.StartAsync(database);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("apikey", SupabaseServices.Current.AnonKey);
        client.DefaultRequestHeaders.Authorization = new("Bearer", SupabaseServices.Current.AnonKey);
        foreach (var path in (string[])["incidents", "spans", "artifacts", "artifact_contents", "agentops_span_counts", "rpc/agentops_schema_version", "rpc/agentops_table_problems"])
        {
            using var answer = await client.GetAsync(new Uri($"{server.Url}/rest/v1/{path}"), TestToken);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound, $"{path}: {(int)answer.StatusCode}");
        }
    }

    [Fact]
    public async Task The_schema_of_a_tenant_is_closed_to_them_too()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await database.ExecuteAsync($"create schema agentops_acme; grant usage on schema agentops_acme to anon; {Of(AsProjectsDo, "agentops_acme")}");
        await database.ExecuteAsync(TenantTables.ToPostgres(new RcaTenant("acme")));

        Assert.Null(await database.ReadAsync<string>(Of(Left, "agentops_acme")));
    }

    [Fact]
    public async Task Tables_that_others_read_in_their_way_keep_their_grants()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await database.ExecuteAsync(
            """
            create table public.incidents (id uuid primary key, order_id text not null, problem_type text not null);
            create table public.spans (span_id text primary key, tool text not null, start_ts bigint not null, end_ts bigint not null);
            alter table public.spans enable row level security;
            create policy everybody on public.spans for select to anon using (true);
            grant select on public.incidents, public.spans to anon;
            """);
        foreach (var migration in SupabaseMigrations.All)
        {
            await database.ExecuteAsync(SupabaseMigrations.Read(migration));
        }

        Assert.True(await database.ReadAsync<bool>("select has_table_privilege('anon', 'public.incidents', 'select') and has_table_privilege('anon', 'public.spans', 'select')"));
        Assert.False(await database.ReadAsync<bool>("select has_table_privilege('anon', 'public.artifacts', 'select')"));
    }

    private static string Of(string sql, string schema) => sql.Replace("{0}", schema, StringComparison.Ordinal);
}

using AgentOps.Rca.Identity;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Testing.Supabase;
using AgentOps.Rca.Testing.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Supabase.Tests.Http;

/// <summary>Tenants in schemas of one database, by its protocol, behind a pooler, and by the Data API.</summary>
public sealed class TenantTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_PostgreSQL_each_tenant_has_a_schema_that_the_host_makes()
    {
        await using var database = await TestDatabase.CreateAsync();
        await RunAsync(database, "PostgreSQL", TenantTrial.Count, ("SUPABASE_DB_URL", database.Direct));

        Assert.Equal(
            "agentops_acme,agentops_globex_2,public",
            await database.ReadAsync<string>("select string_agg(table_schema, ',' order by table_schema) from information_schema.tables where table_name = 'incidents'"));
        Assert.Equal(0L, await database.ReadAsync<long>("select count(*) from public.incidents"));
        Assert.Equal(0L, await database.ReadAsync<long>("select count(*) from public.artifact_contents"));
        Assert.Equal(
            "true",
            await database.ReadAsync<string>(
                """
                select (bool_and(a.order_id like 'acmeonly%' and g.order_id like 'globexonly%'))::text
                from agentops_acme.incidents a join agentops_globex_2.incidents g using (id)
                """));
    }

    [Fact]
    public async Task Behind_the_transaction_pooler_the_tables_of_tenants_are_made_by_their_SQL()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MakeTablesAsync(database);

        await RunAsync(database, "PgBouncer in transaction mode", TenantTrial.Count / 2, ("SUPABASE_DB_URL", database.Pooled));
    }

    [Fact]
    public async Task By_the_Data_API_each_tenant_asks_for_its_schema()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MakeTablesAsync(database);
        await using var server = await PostgrestServer.StartAsync(database, "public,agentops_acme,agentops_globex_2");

        await RunAsync(database, "the Data API", TenantTrial.Count / 2, ("SUPABASE_URL", server.Url), ("SUPABASE_KEY", "sb_secret_test"));

        Assert.Equal(0L, await database.ReadAsync<long>("select count(*) from public.incidents"));
    }

    [Fact]
    public async Task The_SQL_of_a_tenant_may_run_again_and_names_no_other_schema()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await MakeTablesAsync(database);
        await MakeTablesAsync(database);

        Assert.Null(await database.ReadAsync<string>("select string_agg(table_name, ',') from information_schema.tables where table_schema = 'public'"));
        Assert.Null(await database.ReadAsync<string>(
            "select string_agg(p.proname, ',') from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' and p.proname like 'agentops%'"));
        Assert.Null(await database.ReadAsync<string>("select string_agg(problem, ';') from agentops_acme.agentops_table_problems()"));
    }

    private static async Task MakeTablesAsync(TestDatabase database)
    {
        await database.ExecuteAsync(TenantTables.ToPostgres(new RcaTenant("acme")));
        await database.ExecuteAsync(TenantTables.ToPostgres(new RcaTenant("globex-2")));
    }

    private static async Task RunAsync(TestDatabase database, string where, int count, params (string Name, string Value)[] settings)
    {
        var acmeKey = CallerKey.Create("acmeonly-boss", [CallerScopes.Admin], null, "acme", out var acmeSecret);
        var globexKey = CallerKey.Create("globexonly-boss", [CallerScopes.Admin], null, "globex-2", out var globexSecret);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([
            .. settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)),
            new("AGENTOPS_KEYS", $"{acmeKey};{globexKey}"),
            new("AGENTOPS_TENANTS", "acme, globex-2"),
            new("AgentOpsRca:DataDirectory", Path.Combine(Path.GetTempPath(), database.Name)),
        ]);
        builder.Services.AddAgentOpsRca();
        await using var application = builder.Build();
        application.MapAgentOpsRca();
        await application.StartAsync(TestToken);
        try
        {
            var address = new Uri(application.Urls.Single());
            using var acmeClient = new HttpClient(new KeyUnlessSession(acmeSecret)) { BaseAddress = address };
            using var globexClient = new HttpClient(new KeyUnlessSession(globexSecret)) { BaseAddress = address };
            var (acme, globex) = (new TenantSide(acmeClient, "acmeonly", acmeSecret), new TenantSide(globexClient, "globexonly", globexSecret));
            await acme.FillAsync(TestToken);
            await globex.FillAsync(TestToken);
            var doors = await TenantSurface.ReadAsync(acmeClient, api: "", mcp: null, TestToken);
            await new TenantTrial(acme, globex, doors).RunAsync(seed: 4, count, where, static _ => false, TestToken);
        }
        finally
        {
            await application.StopAsync(CancellationToken.None);
            if (Directory.Exists(Path.Combine(Path.GetTempPath(), database.Name)))
            {
                Directory.Delete(Path.Combine(Path.GetTempPath(), database.Name), recursive: true);
            }
        }
    }
}

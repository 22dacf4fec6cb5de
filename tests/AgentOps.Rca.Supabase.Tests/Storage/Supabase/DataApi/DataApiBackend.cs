using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Supabase.DataApi;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;

public sealed class DataApiBackend : SupabaseTestBackend
{
    private PostgrestServer? _server;

    public override string Name => "PostgREST behind nginx";

    public override int PagingRows => 2_500;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (Unavailable is null)
        {
            _server = await PostgrestServer.StartAsync(Database);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    internal static SupabaseApiBackend Open(string url, string key)
    {
        var options = new SupabaseApiOptions { Url = new Uri(url), Key = key };
        var services = new ServiceCollection().AddSupabaseApiClients().BuildServiceProvider();
        return new SupabaseApiBackend(services.GetRequiredService<SupabaseApiClients>().Create(options), options, TimeProvider.System);
    }

    internal override StorageBackend Open() => Open(_server!.Url, "sb_secret_test");
}

using System.Net.Sockets;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.AspNetCore.Tests.OpenApi;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>The API on a real Kestrel on a free loopback port, with the stores it is given.</summary>
public sealed class RcaHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly StoreSet? _stores;
    private readonly string _pattern;

    private RcaHost(WebApplication application, StoreSet? stores, string pattern)
    {
        _pattern = pattern;
        _application = application;
        _stores = stores;
        Address = new Uri(application.Urls.Single());
        Client = NewClient();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>A client whose base address is the host.</summary>
    public HttpClient Client { get; }

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>The stores behind it, when they were given.</summary>
    public StoreSet Stores => _stores ?? throw new InvalidOperationException("This host was started without a set of stores.");

    /// <summary>Starts a host over a set of stores.</summary>
    public static async ValueTask<RcaHost> StartAsync(
        StoreSet? stores = null,
        Action<IServiceCollection>? services = null,
        Action<AgentOpsRcaHttpOptions>? options = null,
        Action<AgentOpsRcaEndpoints>? group = null,
        Action<KestrelServerOptions>? kestrel = null,
        ScriptedEngine? engine = null,
        string environment = "Development",
        string pattern = "",
        Func<IAgentOpsRcaBuilder, IAgentOpsRcaBuilder>? storage = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(server => kestrel?.Invoke(server));
        services?.Invoke(builder.Services);
        if (stores is not null)
        {
            builder.Services.AddSingleton(stores.Incidents).AddSingleton(stores.Spans).AddSingleton(stores.Artifacts).AddSingleton(stores.Contents);
        }

        builder.Services.AddSingleton<IRcaEngine>(engine ?? new ScriptedEngine());
        builder.Services.TryAddSingleton<ISigningKeyProvider>(new TestSigningKeys());
        var rca = builder.Services.AddAgentOpsRca();
        _ = storage is null ? rca.UseInMemory() : storage(rca);
        builder.Services.Configure<AgentOpsRcaHttpOptions>(value => options?.Invoke(value));
        builder.Services.AddAuthorization();
        var application = builder.Build();
        var mapped = application.MapAgentOpsRca(pattern);
        group?.Invoke(mapped);
        await application.StartAsync();
        return new RcaHost(application, stores, pattern);
    }

    /// <summary>A client of its own, which follows no redirect and keeps no cookie.</summary>
    public HttpClient NewClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };

    /// <summary>A client whose answers must be as the API's description says; one that is not fails the call.</summary>
    public HttpClient NewDescribedClient() => new(new DescribedAnswers(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, Address, _pattern))
    { BaseAddress = Address };

    /// <summary>Sends bytes as they are and reads the answer to its end.</summary>
    public async Task<string> SendRawAsync(ReadOnlyMemory<byte> request, bool halfClose = false)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Address.Host, Address.Port);
        await socket.SendAsync(request);
        if (halfClose)
        {
            socket.Shutdown(SocketShutdown.Send);
        }

        using var answer = new MemoryStream();
        var buffer = new byte[8192];
        try
        {
            while (await socket.ReceiveAsync(buffer) is var read and > 0)
            {
                answer.Write(buffer, 0, read);
            }
        }
        catch (SocketException)
        {
            // A reset connection has said all it will say.
        }

        return System.Text.Encoding.UTF8.GetString(answer.ToArray());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
        if (_stores is not null)
        {
            await _stores.DisposeAsync();
        }
    }

    internal sealed class TestSigningKeys : ISigningKeyProvider, IDisposable
    {
        private readonly SigningKey _key = SigningKey.Generate();

        public ValueTask<SigningKey> GetSigningKeyAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_key);

        public ValueTask<IReadOnlyCollection<VerificationKey>> GetTrustedKeysAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyCollection<VerificationKey>>([_key.Public]);

        public void Dispose() => _key.Dispose();
    }
}

using System.Collections.Concurrent;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tenancy;

/// <summary>Opens tenants, each once, and closes them when the host ends.</summary>
internal sealed partial class RcaTenants : IRcaTenants, IHostedService, IOfTheHostAlone, IAsyncDisposable, IDisposable
{
    private readonly IServiceProvider _host;
    private readonly TenantServices _registrations;
    private readonly RcaTenantsOptions _options;
    private readonly HashSet<string> _listed;
    private readonly ILogger<RcaTenants> _logger;
    private readonly ConcurrentDictionary<string, Task<OpenTenant>> _tenants = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private bool _isEnding;

    public RcaTenants(IServiceProvider host, TenantServices registrations, IOptions<RcaTenantsOptions> options, ILogger<RcaTenants> logger)
    {
        _host = host;
        _registrations = registrations;
        _options = options.Value;
        _listed = _options.List.ToHashSet(StringComparer.Ordinal);
        _logger = logger;
        if (IsOn)
        {
            host.GetRequiredService<RcaTelemetry>().Meter.CreateObservableUpDownCounter(
                RcaTelemetry.OpenTenants, () => OpenCount, "{tenant}", "Tenants whose stores are open in this process.");
        }
    }

    public bool IsOn => _options.IsOn;

    public int OpenCount => _tenants.Count(static tenant => tenant.Value.IsCompletedSuccessfully);

    public bool Has(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _listed.Contains(name) || (_options.AllowsAny && RcaTenant.IsName(name));
    }

    public async ValueTask<IServiceProvider> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        if (!Has(name))
        {
            throw new ArgumentException("This host has no such tenant.", nameof(name));
        }

        var opening = Begin(name);
        try
        {
            return (await opening.WaitAsync(cancellationToken).ConfigureAwait(false)).Services;
        }
        catch (Exception failure) when (opening.IsFaulted || opening.IsCanceled)
        {
            // The next request tries again.
            _tenants.TryRemove(KeyValuePair.Create(name, opening));
            throw failure is StoreUnavailableException ? failure
                : new StoreUnavailableException($"The tenant {name} cannot be opened; the host's log has the reason.", failure);
        }
    }

    /// <summary>Opens those that are listed, in the background: what is kept for them is also looked after while nobody asks.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsOn)
        {
            OwnStores.Refuse(_host, _options);
            LogOn(_options.AllowsAny ? "any tenant" : $"{_listed.Count} tenants");
            foreach (var name in _listed)
            {
                _ = WarmAsync(name);
            }
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await EndAsync().ConfigureAwait(false);
        await Task.WhenAll(_tenants.Values.Select(async opening =>
        {
            // What could not be opened has left nothing running.
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (opening.IsCompletedSuccessfully)
            {
                await (await opening.ConfigureAwait(false)).StopAsync(cancellationToken).ConfigureAwait(false);
            }
        })).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        foreach (var opening in _tenants.Values)
        {
            if (opening.IsCompletedSuccessfully)
            {
                await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
        }

        _tenants.Clear();
        _ended.Dispose();
    }

    public void Dispose() => Task.Run(async () => await DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();

    private Task<OpenTenant> Begin(string name)
    {
        if (_tenants.TryGetValue(name, out var known))
        {
            return known;
        }

        lock (_lock)
        {
            if (_tenants.TryGetValue(name, out known))
            {
                return known;
            }

            if (_ended.IsCancellationRequested || _tenants.Count >= _options.Most)
            {
                throw new StoreUnavailableException(_ended.IsCancellationRequested
                    ? "This host is ending."
                    : $"As many tenants are open as this host opens ({_options.Most}, AgentOpsRca:Tenants:Most).");
            }

            // Not in the caller's context: who leaves does not keep the others from it.
            return _tenants[name] = Task.Run(() => StartAsync(new RcaTenant(name)));
        }
    }

    private async Task<OpenTenant> StartAsync(RcaTenant tenant)
    {
        try
        {
            var open = await OpenTenant.StartAsync(tenant, _registrations.Build(tenant, _host), _logger, _ended.Token).ConfigureAwait(false);
            LogOpened(tenant.Name, open.Services.GetRequiredService<StorageBackend>().Name);
            return open;
        }
        catch (Exception failure)
        {
            LogNotOpened(tenant.Name, failure);
            throw;
        }
    }

    private async Task WarmAsync(string name)
    {
        try
        {
            await OpenAsync(name, _ended.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or OperationCanceledException)
        {
            // It was logged, and the first request tries again.
        }
    }

    private async ValueTask EndAsync()
    {
        if (Interlocked.Exchange(ref _isEnding, true))
        {
            return;
        }

        await _ended.CancelAsync().ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Information, "AgentOps.Rca keeps tenants apart, each in stores and services of its own: {Tenants}.")]
    private partial void LogOn(string tenants);

    [LoggerMessage(LogLevel.Information, "The tenant {Tenant} is open: {Store}.")]
    private partial void LogOpened(string tenant, string store);

    [LoggerMessage(LogLevel.Error, "The tenant {Tenant} cannot be opened.")]
    private partial void LogNotOpened(string tenant, Exception failure);
}

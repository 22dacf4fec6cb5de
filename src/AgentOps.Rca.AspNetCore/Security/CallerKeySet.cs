using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>The keys of this application: those that are set, the one for all, and the one that was made because none was set.</summary>
internal sealed partial class CallerKeySet : IOfTheHostAlone
{
    private const int GeneratedBytes = 24;

    private readonly ConfiguredCallerKeys _named;
    private readonly CallerKey? _shared;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<CallerKeySet> _logger;
    private CallerKey? _generated;

    /// <summary>Reads the keys.</summary>
    /// <exception cref="OptionsValidationException">The key for all is weak, and this is no development.</exception>
    public CallerKeySet(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value;
        _timeProvider = services.GetRequiredService<TimeProvider>();
        _logger = services.GetRequiredService<ILogger<CallerKeySet>>();
        _named = new ConfiguredCallerKeys(options.Keys, _timeProvider, LogUnreadable);
        if (options.ApiKey is { } key)
        {
            RefuseWeak(key, services.GetService<IHostEnvironment>()?.IsDevelopment() ?? false);
            _shared = Share(key);
        }
    }

    /// <summary>Whether keys are set: who has a file of keys that is empty lets nobody in, and not everybody.</summary>
    public bool IsSet => _shared is not null || _named.IsSet;

    /// <summary>The names of the keys, for the record.</summary>
    public IEnumerable<string> Names => All().Select(static key => key.IsShared ? "one for all" : key.Name);

    /// <summary>The keys of an application: those of its scheme, else their own.</summary>
    public static CallerKeySet Of(IServiceProvider services) => services.GetService<CallerKeySet>() ?? new CallerKeySet(services);

    /// <summary>Makes a key for as long as the process runs.</summary>
    /// <returns>The key itself.</returns>
    public string Generate()
    {
        var key = RandomNumberGenerator.GetHexString(GeneratedBytes * 2, lowercase: true);
        _generated = Share(key);
        return key;
    }

    /// <summary>The key that was sent, or null when it is none of ours, is over, or can be guessed.</summary>
    public CallerKey? Find(string? sent)
    {
        if (sent is null)
        {
            return null;
        }

        // Each one is compared, and hashes have one length, so that the time tells nothing of any of them.
        var hash = Encoding.ASCII.GetBytes(CallerKey.HashOf(sent));
        CallerKey? found = null;
        foreach (var key in All())
        {
            found = CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(key.Hash)) ? key : found;
        }

        if (found is { IsShared: false } && !KeyStrength.IsStrong(sent))
        {
            LogWeak(found.Name, KeyStrength.Rule);
            return null;
        }

        return found?.IsOver(_timeProvider.GetUtcNow()) == false ? found : null;
    }

    /// <summary>The key of this name while it lasts, or null.</summary>
    public CallerKey? FindNamed(string name, Func<CallerKey, bool> isIt) =>
        All().FirstOrDefault(key => key.Name == name && isIt(key) && !key.IsOver(_timeProvider.GetUtcNow()));

    private IEnumerable<CallerKey> All()
    {
        foreach (var key in _named.Current)
        {
            yield return key;
        }

        if (_shared is not null)
        {
            yield return _shared;
        }

        if (_generated is not null)
        {
            yield return _generated;
        }
    }

    private static CallerKey Share(string key) =>
        new() { Name = Actor.SharedKey, Scopes = CallerScopes.Everything, Hash = CallerKey.HashOf(key), IsShared = true };

    private void RefuseWeak(string key, bool isDevelopment)
    {
        if (KeyStrength.IsStrong(key))
        {
            return;
        }

        if (!isDevelopment)
        {
            throw new OptionsValidationException(
                nameof(AgentOpsRcaOptions), typeof(AgentOpsRcaOptions), [$"{AgentOpsRcaSettings.ApiKey} can be guessed; {KeyStrength.Rule}."]);
        }

        LogWeak(Actor.SharedKey, KeyStrength.Rule);
    }

    [LoggerMessage(LogLevel.Warning, "The key {Name} can be guessed; {Rule}.")]
    private partial void LogWeak(string name, string rule);

    [LoggerMessage(LogLevel.Error, "The file of AGENTOPS_KEYS has changed and cannot be read, so the keys that were read before go on counting: {Reason}")]
    private partial void LogUnreadable(string reason);
}

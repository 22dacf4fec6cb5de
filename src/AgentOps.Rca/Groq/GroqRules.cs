using AgentOps.Rca.Settings;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Groq;

/// <summary>Checks the attributes of each option on its own.</summary>
[OptionsValidator]
internal sealed partial class GroqOptionsAttributes : IValidateOptions<GroqOptions>;

/// <summary>Checks what attributes cannot say. No sentence repeats the key.</summary>
internal static class GroqRules
{
    public static IEnumerable<SettingMistake> Find(GroqOptions options)
    {
        if (options.ApiKey is { } key && (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            yield return new(nameof(options.ApiKey), "is empty or holds a space, a line break or a character that no key has.");
        }

        if (options.Endpoint is { } endpoint && !IsSafe(endpoint))
        {
            yield return new(nameof(options.Endpoint), "must be an absolute https address, or http on this machine.");
        }

        if (options.Models is { Count: 0 })
        {
            yield return new(nameof(options.Models), "names no model.");
        }

        if (options.Models?.Any(string.IsNullOrWhiteSpace) == true)
        {
            yield return new(nameof(options.Models), "holds an empty model id.");
        }

        if (options.MinRetryDelay > options.MaxRetryDelay)
        {
            yield return new(
                nameof(options.MinRetryDelay), $"is {options.MinRetryDelay}, longer than {nameof(options.MaxRetryDelay)}, {options.MaxRetryDelay}.");
        }

        if (options.AttemptTimeout > options.TotalTimeout)
        {
            yield return new(
                nameof(options.AttemptTimeout), $"is {options.AttemptTimeout}, longer than {nameof(options.TotalTimeout)}, {options.TotalTimeout}.");
        }

        foreach (var (model, price) in options.Prices ?? new Dictionary<string, GroqPrice>())
        {
            if (price is null || price.Input < 0 || price.CachedInput < 0 || price.Output < 0)
            {
                yield return new(nameof(options.Prices), $"must hold prices that are not below zero; the price of {model} is missing or below zero.");
            }
        }
    }

    private static bool IsSafe(Uri endpoint) =>
        endpoint.IsAbsoluteUri && endpoint.UserInfo.Length == 0
        && (endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback));
}

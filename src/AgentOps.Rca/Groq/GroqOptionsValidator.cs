using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Groq;

/// <summary>Checks the attributes of each option on its own.</summary>
[OptionsValidator]
internal sealed partial class GroqOptionsValidator : IValidateOptions<GroqOptions>;

/// <summary>Checks what attributes cannot say. No message repeats the key.</summary>
internal sealed class GroqOptionsRulesValidator : IValidateOptions<GroqOptions>
{
    public ValidateOptionsResult Validate(string? name, GroqOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.ApiKey is { } key && (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            result.AddError("GROQ_API_KEY is empty or holds a space, a line break or a character that no key has.", nameof(options.ApiKey));
        }

        if (options.Endpoint is { } endpoint && !IsSafe(endpoint))
        {
            result.AddError("It must be an absolute https address, or http on this machine.", nameof(options.Endpoint));
        }

        if (options.Models is { Count: 0 })
        {
            result.AddError("GROQ_MODEL names no model.", nameof(options.Models));
        }

        if (options.Models?.Any(string.IsNullOrWhiteSpace) == true)
        {
            result.AddError("GROQ_MODEL holds an empty model id.", nameof(options.Models));
        }

        CheckRange(result, options.AttemptTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10), nameof(options.AttemptTimeout));
        CheckRange(result, options.TotalTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(options.TotalTimeout));
        CheckRange(result, options.MinRetryDelay, TimeSpan.Zero, TimeSpan.FromMinutes(1), nameof(options.MinRetryDelay));
        CheckRange(result, options.MaxRetryDelay, TimeSpan.Zero, TimeSpan.FromMinutes(10), nameof(options.MaxRetryDelay));
        CheckRange(result, options.MaxRetryAfter, TimeSpan.Zero, TimeSpan.FromMinutes(10), nameof(options.MaxRetryAfter));
        if (options.MinRetryDelay > options.MaxRetryDelay)
        {
            result.AddError(
                $"It is {options.MinRetryDelay}, longer than {nameof(options.MaxRetryDelay)}, {options.MaxRetryDelay}.",
                nameof(options.MinRetryDelay));
        }

        if (options.AttemptTimeout > options.TotalTimeout)
        {
            result.AddError(
                $"It is {options.AttemptTimeout}, longer than {nameof(options.TotalTimeout)}, {options.TotalTimeout}.",
                nameof(options.AttemptTimeout));
        }

        foreach (var (model, price) in options.Prices ?? new Dictionary<string, GroqPrice>())
        {
            if (price is null || price.Input < 0 || price.CachedInput < 0 || price.Output < 0)
            {
                result.AddError($"The price of {model} is missing or below zero.", nameof(options.Prices));
            }
        }

        return result.Build();
    }

    private static void CheckRange(ValidateOptionsResultBuilder result, TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most)
        {
            result.AddError($"It is {value}; it must lie between {least} and {most}.", name);
        }
    }

    private static bool IsSafe(Uri endpoint) =>
        endpoint.IsAbsoluteUri && endpoint.UserInfo.Length == 0
        && (endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback));
}

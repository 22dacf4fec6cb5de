using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Timeout;

namespace AgentOps.Rca.Groq;

/// <summary>When a request is sent again, and after which wait. What depends on the error's code is <see cref="GroqChatClient"/>'s.</summary>
internal sealed partial class GroqResilience(GroqOptions options, TimeProvider timeProvider, ILogger logger)
{
    public static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> builder, ResilienceHandlerContext context)
    {
        var services = context.ServiceProvider;
        var options = services.GetRequiredService<IOptions<GroqOptions>>().Value;
        var timeProvider = services.GetRequiredService<TimeProvider>();
        var resilience = new GroqResilience(options, timeProvider, services.GetRequiredService<ILogger<GroqResilience>>());
        builder.TimeProvider = timeProvider;
        if (options.MaxRetries > 0)
        {
            builder.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                ShouldHandle = arguments => ValueTask.FromResult(
                    resilience.ShouldRetry(arguments.Outcome, arguments.Context.GetRequestMessage())),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(
                    resilience.Delay(arguments.Outcome.Result, arguments.AttemptNumber, Random.Shared.NextDouble())),
                OnRetry = arguments =>
                {
                    resilience.LogRetry(
                        arguments.AttemptNumber + 1, Describe(arguments.Outcome), arguments.RetryDelay.TotalSeconds);
                    return ValueTask.CompletedTask;
                },
            });
        }

        builder.AddTimeout(options.AttemptTimeout);
    }

    /// <summary>Whether the outcome may change by itself, within a wait that is allowed and before the request's deadline.</summary>
    public bool ShouldRetry(Outcome<HttpResponseMessage> outcome, HttpRequestMessage? request)
    {
        var isTransient = outcome.Exception is { } exception
            ? exception is HttpRequestException or IOException or TimeoutRejectedException or GroqException { IsTransient: true }
            : (int)outcome.Result!.StatusCode is 408 or 429 or GroqConstants.StatusCapacityExceeded or >= 500;
        if (!isTransient)
        {
            return false;
        }

        var wait = outcome.Result is { } reply ? GroqRateLimit.Wait(reply, timeProvider.GetUtcNow()) ?? options.MinRetryDelay : options.MinRetryDelay;
        return wait <= options.MaxRetryAfter
            && (request is null || !request.Options.TryGetValue(GroqConstants.Deadline, out var deadline)
                || timeProvider.GetUtcNow() + wait < deadline);
    }

    /// <summary>
    /// What the reply asks for, else min × 2ⁿ; both with up to a quarter on top, so that clients that failed together do not return
    /// together. The second is bounded by <see cref="GroqOptions.MaxRetryDelay"/>.
    /// </summary>
    public TimeSpan Delay(HttpResponseMessage? reply, int attempt, double random)
    {
        var jitter = 1 + (random / 4);
        if (reply is not null && GroqRateLimit.Wait(reply, timeProvider.GetUtcNow()) is { } asked)
        {
            return asked * jitter;
        }

        var delay = options.MinRetryDelay * Math.Pow(2, attempt) * jitter;
        return delay < options.MaxRetryDelay ? delay : options.MaxRetryDelay;
    }

    private static string Describe(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Result: { } reply } => $"the status {(int)reply.StatusCode}",
        { Exception: TimeoutRejectedException } => "no answer in time",
        _ => "a broken connection",
    };

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Groq's API answered with {Outcome}; retry {Attempt} follows in {DelaySeconds:0.0} seconds.")]
    private partial void LogRetry(int attempt, string outcome, double delaySeconds);
}

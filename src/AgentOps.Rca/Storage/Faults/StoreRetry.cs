using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace AgentOps.Rca.Storage.Faults;

/// <summary>
/// Repeats calls to a store's backend while it fails in a way that passes, with jitter and inside a total budget. Repeating is safe:
/// every write is insert-if-absent, and the one that is not (compare-and-set) is only repeated when it has certainly not happened.
/// </summary>
internal sealed partial class StoreRetry
{
    private static readonly ResiliencePropertyKey<Call> CallKey = new("call");

    private readonly ResiliencePipeline _pipeline;
    private readonly ILogger _logger;

    public StoreRetry(StoreRetryOptions options, Func<Exception, StoreFault> classify, TimeProvider timeProvider, ILogger logger)
    {
        _logger = logger;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = timeProvider, Name = "store" }
            .AddTimeout(options.Budget)
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.FirstDelay,
                MaxDelay = options.LongestDelay,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is { } exception && MayRepeat(classify(exception), arguments.Context)),
                OnRetry = arguments =>
                {
                    LogRetry(arguments.AttemptNumber + 1, arguments.RetryDelay.TotalMilliseconds, arguments.Outcome.Exception!.Message);
                    return default;
                },
            })
            .Build();
    }

    /// <summary>Runs a call until it succeeds, fails for good, or the budget is used up.</summary>
    /// <typeparam name="TState">What the call needs.</typeparam>
    /// <typeparam name="T">What it yields.</typeparam>
    /// <param name="attempt">One attempt.</param>
    /// <param name="state">Handed to each attempt.</param>
    /// <param name="once">The call must not happen twice: it is repeated only when it has certainly not happened.</param>
    /// <param name="cancellationToken">Cancels the call and the waits.</param>
    /// <exception cref="Exception">The failure of the last attempt, also when the budget ended in a wait.</exception>
    public async ValueTask<T> RunAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> attempt, TState state, bool once, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        var call = new Call { Once = once };
        context.Properties.Set(CallKey, call);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (context, input) =>
                {
                    try
                    {
                        return await input.attempt(input.state, context.CancellationToken).ConfigureAwait(false);
                    }
                    catch (Exception exception) when (exception is not OperationCanceledException)
                    {
                        input.call.LastFailure = exception;
                        throw;
                    }
                },
                context,
                (attempt, state, call)).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException exception)
        {
            throw call.LastFailure is { } last
                ? new StoreBudgetException(last)
                : new StoreBudgetException(exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static bool MayRepeat(StoreFault fault, ResilienceContext context) => fault switch
    {
        StoreFault.NotDone => true,
        StoreFault.Unknown => !context.Properties.GetValue(CallKey, Call.Repeatable).Once,
        _ => false,
    };

    private sealed class Call
    {
        public static Call Repeatable { get; } = new();

        public bool Once { get; init; }

        public Exception? LastFailure { get; set; }
    }

    [LoggerMessage(1, LogLevel.Warning, "The store failed at attempt {Attempt} and is tried again in {Delay:F0} ms: {Reason}")]
    private partial void LogRetry(int attempt, double delay, string reason);
}

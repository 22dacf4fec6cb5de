using System.Threading.RateLimiting;
using AgentOps.Rca.AspNetCore.Problems;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>
/// Bounds how much of one kind of heavy work is done at once, so that many callers wait for each other and not for memory, and everything else
/// is answered meanwhile. The framework's own limiter keeps the order.
/// </summary>
internal sealed class WorkLimit(int atOnce, int waiting) : IDisposable
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(10);

    /// <summary>Why a request is not worked on now.</summary>
    public static readonly ApiProblem TooMany =
        new(ProblemKind.TooManyRequests, "As many requests of this kind are being worked on and waiting as this host takes; try again later.") { RetryAfter = TryAgain };

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = atOnce,
        QueueLimit = waiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    public ValueTask<RateLimitLease> AcquireAsync(CancellationToken cancellationToken) => _limiter.AcquireAsync(1, cancellationToken);

    public void Dispose() => _limiter.Dispose();
}

/// <summary>The kinds of heavy work, each with a limit of its own.</summary>
internal sealed class WorkLimits : IDisposable
{
    private readonly Dictionary<string, WorkLimit> _limits;

    public WorkLimits(AgentOpsRcaHttpOptions options) =>
        _limits = Kinds.ToDictionary(static kind => kind, _ => new WorkLimit(options.MaxWorkAtOnce ?? Math.Max(2, Environment.ProcessorCount), options.MaxWorkWaiting), StringComparer.Ordinal);

    private static IReadOnlyList<string> Kinds { get; } = ["/rca/analyze", "/replay/strict", "/bundles", "/bundles/verify", "/bundles/import", "/imports"];

    /// <summary>The limit of the endpoint of these methods at this path, or null.</summary>
    public WorkLimit? Find(string path, IReadOnlyList<string>? methods) =>
        methods is ["POST"] && Kinds.FirstOrDefault(kind => path == kind) is { } kind ? _limits[kind] : null;

    public void Dispose()
    {
        foreach (var limit in _limits.Values)
        {
            limit.Dispose();
        }
    }
}

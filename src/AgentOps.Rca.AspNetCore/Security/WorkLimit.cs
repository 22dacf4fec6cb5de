using System.Threading.RateLimiting;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>
/// Bounds how much of one kind of heavy work is done at once, so that many callers wait for each other and not for memory, and everything else is answered
/// meanwhile. No caller has more than its share of those who wait, and each one's next request comes after the first of the others. The framework's own
/// limiters keep the order.
/// </summary>
internal sealed class WorkLimit : IDisposable
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(10);

    /// <summary>Why a request is not worked on now.</summary>
    public static readonly ApiProblem TooMany =
        new(ProblemKind.TooManyRequests, "As many requests of this kind are being worked on and waiting as this host takes; try again later.") { RetryAfter = TryAgain };

    /// <summary>Why a request is not worked on now, though those of others are.</summary>
    public static readonly ApiProblem TooManyOfCaller =
        new(ProblemKind.TooManyRequests, "As many requests of this kind by this caller are being worked on and waiting as this host takes of one; try again later.") { RetryAfter = TryAgain };

    private readonly ConcurrencyLimiter _all;
    private readonly PartitionedRateLimiter<string> _callers;
    private readonly ConcurrencyLimiter _work;

    public WorkLimit(int atOnce, int waiting, int waitingPerCaller, int? atOncePerCaller = null)
    {
        _all = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = atOnce + waiting, QueueLimit = 0 });
        _callers = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetConcurrencyLimiter(
            caller,
            _ => new ConcurrencyLimiterOptions { PermitLimit = atOncePerCaller ?? atOnce, QueueLimit = waitingPerCaller, QueueProcessingOrder = QueueProcessingOrder.OldestFirst }));

        // Nobody waits here but who was let through the two before.
        _work = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = atOnce,
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>Waits for the caller's turn.</summary>
    /// <returns>What ends the turn; or why there is none.</returns>
    public async ValueTask<(IDisposable? Turn, ApiProblem? Problem)> AcquireAsync(string caller, CancellationToken cancellationToken)
    {
        var turn = new Turn();
        try
        {
            if (!turn.Add(_all.AttemptAcquire()))
            {
                turn.Dispose();
                return (null, TooMany);
            }

            if (!turn.Add(await _callers.AcquireAsync(caller, 1, cancellationToken).ConfigureAwait(false)))
            {
                turn.Dispose();
                return (null, TooManyOfCaller);
            }

            turn.Add(await _work.AcquireAsync(1, cancellationToken).ConfigureAwait(false));
            return (turn, null);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _all.Dispose();
        _callers.Dispose();
        _work.Dispose();
    }

    private sealed class Turn : IDisposable
    {
        private readonly List<RateLimitLease> _leases = [];

        public bool Add(RateLimitLease lease)
        {
            _leases.Add(lease);
            return lease.IsAcquired;
        }

        public void Dispose()
        {
            for (var n = _leases.Count - 1; n >= 0; n--)
            {
                _leases[n].Dispose();
            }

            _leases.Clear();
        }
    }
}

/// <summary>The kinds of heavy work, each with a limit of its own.</summary>
internal sealed class WorkLimits : IDisposable
{
    private const int MemoryOfARequest = 8 * 1024 * 1024;

    private readonly Dictionary<string, WorkLimit> _limits;
    private readonly WorkLimit? _intake;
    private readonly WorkLimit? _reads;

    public WorkLimits(AgentOpsRcaHttpOptions options)
    {
        Memory = new MemoryBudget(options.MemoryInFlight);
        Room = RoomLimit.Of(options);
        _intake = ManyAtOnce(options.MaxIntakeAtOnce);
        _reads = ManyAtOnce(options.MaxReadsAtOnce);
        _limits = Kinds.ToDictionary(
            static kind => kind,
            _ => new WorkLimit(
                options.MaxWorkAtOnce ?? Math.Max(2, Environment.ProcessorCount),
                options.MaxWorkWaiting,
                options.MaxWorkWaitingPerCaller ?? options.MaxWorkWaiting - (options.MaxWorkWaiting / 4)),
            StringComparer.Ordinal);
    }

    /// <summary>The memory that bodies and pages take together.</summary>
    public MemoryBudget Memory { get; }

    /// <summary>The room that records take; null where it has no limit.</summary>
    public RoomLimit? Room { get; }

    private static IReadOnlyList<string> Kinds { get; } = ["/rca/analyze", "/replay/strict", "/bundles", "/bundles/verify", "/bundles/import", "/imports"];

    /// <summary>The limit of the endpoint of these methods at this path, or null.</summary>
    public WorkLimit? Find(string path, IReadOnlyList<string>? methods, EndpointUse use) =>
        methods is ["POST"] && Kinds.FirstOrDefault(kind => path == kind) is { } kind ? _limits[kind]
        : use switch
        {
            EndpointUse.Ingest => _intake,
            EndpointUse.Read => _reads,
            _ => null,
        };

    public void Dispose()
    {
        foreach (var limit in _limits.Values)
        {
            limit.Dispose();
        }

        _intake?.Dispose();
        _reads?.Dispose();
    }

    private static WorkLimit? ManyAtOnce(int? set)
    {
        var atOnce = set ?? (int)Math.Clamp(AgentOpsRcaHttpOptions.AvailableMemory / MemoryOfARequest, 32, 512);
        return atOnce == 0 ? null : new WorkLimit(atOnce, 4 * atOnce, 3 * atOnce, Math.Max(1, atOnce - (atOnce / 4)));
    }
}

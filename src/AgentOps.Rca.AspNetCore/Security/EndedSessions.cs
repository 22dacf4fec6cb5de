using System.Diagnostics.CodeAnalysis;
using AgentOps.Rca.Auditing;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>
/// Which sessions were ended by signing out, on whichever host over the same records: their ends are entries of the audit. They are read again every two seconds at most,
/// while sessions are used.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no handle, and lives as long as the process.")]
internal sealed class EndedSessions(IAuditTrail audit, TimeProvider timeProvider) : IOfTheHostAlone
{
    private const string Prefix = "session/";
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(2);

    // The clocks of hosts differ, and a write takes its time.
    private static readonly TimeSpan ReadBack = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, DateTimeOffset> _ended = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _reading = new(1);
    private DateTimeOffset? _readAt;

    /// <summary>What an entry of the audit calls a session.</summary>
    public static string ObjectOf(string id) => Prefix + id;

    /// <summary>Whether a session was ended.</summary>
    public async ValueTask<bool> ContainsAsync(string id, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = timeProvider.GetUtcNow();
            if (_readAt is not { } last || now - last >= ReadEvery || now < last)
            {
                await ReadAsync(_readAt is { } before && before <= now ? before - ReadBack : now - Sessions.Lifetime - ReadBack, cancellationToken).ConfigureAwait(false);
                _readAt = now;
                foreach (var (over, _) in _ended.Where(ended => now - ended.Value > Sessions.Lifetime + ReadBack).ToList())
                {
                    _ended.Remove(over);
                }
            }

            return _ended.ContainsKey(id);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Has the next request read again.</summary>
    public void Forget() => _readAt = null;

    private async ValueTask ReadAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var query = new AuditQuery { Action = AuditActions.SignOut, Since = since };
        await foreach (var record in audit.ListAsync(query, cancellationToken).ConfigureAwait(false))
        {
            if (record.Entry.Object is { } session && session.StartsWith(Prefix, StringComparison.Ordinal))
            {
                _ended[session[Prefix.Length..]] = record.At;
            }
        }
    }
}

using System.Runtime.CompilerServices;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Auditing;

/// <summary>The audit over the store of spans.</summary>
internal sealed partial class AuditTrail(ISpanStore spans, ISpanIntake intake, TimeProvider timeProvider, ILogger<AuditTrail> logger) : IAuditTrail
{
    private long _number;
    private Span? _announced;

    /// <summary>Keeps an entry back until there is another one: where nobody does anything, nothing is written.</summary>
    public void Announce(AuditEntry entry) => Volatile.Write(ref _announced, Make(entry));

    public async ValueTask RecordAsync(AuditEntry entry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        LogDone(entry.Action, entry.Object ?? "the host", entry.Actor?.Describe() ?? "nobody known", entry.Source ?? "this process", entry.Outcome, entry.Detail ?? "");
        var announced = Interlocked.Exchange(ref _announced, null);
        var span = Make(entry);
        try
        {
            await intake.AddAsync(announced is null ? [span] : [announced, span], cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // It comes with the next one.
            Interlocked.CompareExchange(ref _announced, announced, null);
            throw;
        }
    }

    public async IAsyncEnumerable<AuditRecord> ListAsync(AuditQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var recorded = new SpanQuery
        {
            IncidentId = SpanIds.AuditIncident,
            Tool = query.Action,
            FromTs = query.Since is { } since ? EpochUnit.Microseconds(since) : null,
            After = query.After,
        };
        await foreach (var span in spans.ListAsync(recorded, cancellationToken).ConfigureAwait(false))
        {
            if (AuditSpan.Read(span) is { } record
                && (query.IncidentId is null || record.Entry.IncidentId == query.IncidentId)
                && (query.Actor is null || IsBy(record.Entry.Actor, query.Actor)))
            {
                yield return record;
            }
        }
    }

    private Span Make(AuditEntry entry) =>
        AuditSpan.Create(entry, EpochUnit.Microseconds(timeProvider.GetUtcNow()), Interlocked.Increment(ref _number));

    private static bool IsBy(Actor? actor, string name) => actor is not null && (actor.Name == name || actor.Key == name);

    [LoggerMessage(LogLevel.Information, "{Action} of {Object} by {Actor} from {Source}: {Outcome}. {Detail}")]
    private partial void LogDone(string action, string @object, string actor, string source, string outcome, string detail);
}

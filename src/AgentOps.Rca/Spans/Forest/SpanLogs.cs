using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>
/// The log records of a call, which became spans of their own because they may come before their span or long after it. Read together
/// with it they are its events: the same patterns, in the order of time, and the same failure.
/// </summary>
internal sealed class SpanLogs
{
    private readonly IReadOnlyList<EventPattern> _own;

    public SpanLogs(SpanNode node, List<SpanNode> logs)
    {
        logs.Sort(Compare);
        Logs = [.. logs];
        _own = node.Events;
        Failed = node.Failure is null ? logs.Find(static log => log.Failure is not null) : null;
    }

    /// <summary>By time, then by id (bytes of UTF-8).</summary>
    public IReadOnlyList<SpanNode> Logs { get; }

    /// <summary>The first one that says that the call failed, when the call itself does not say so.</summary>
    public SpanNode? Failed { get; }

    /// <summary>The first one that holds this pattern, when the call itself does not; of a failure, the one that tells of it.</summary>
    public SpanNode? With(string pattern) => _own.Any(own => own.Text == pattern)
        ? null
        : Logs.FirstOrDefault(log => log.Events.Any(found => found.Text == pattern)) ?? (_own.Count == 0 ? Failed ?? Logs[0] : null);

    /// <summary>How the call failed: events come after the span's own words, and before those that only describe a status.</summary>
    public SpanFailure? FailureOf(SpanNode node)
    {
        var said = Logs.Select(static log => log.Failure).OfType<SpanFailure>().ToList();
        if (said.Count == 0)
        {
            return node.Failure;
        }

        var type = said.Find(static failure => failure.Type is not null)?.Type;
        var message = said.Find(static failure => failure.Message is not null)?.Message;
        return node.Failure is not { } own ? said[0] with { Type = type, Message = message } : own with
        {
            Type = own.IsTypeDerived ? type ?? own.Type : own.Type,
            Message = own.IsMessageDescription ? message ?? own.Message : own.Message,
        };
    }

    /// <summary>
    /// The call's own events and those of its logs in the order of time; own ones stay in the order in which they stand, and come first
    /// when their times are not known.
    /// </summary>
    public EventPattern[] EventsOf(SpanNode node, IReadOnlyList<long> times)
    {
        var seen = new HashSet<EventPattern>(ReferenceEqualityComparer.Instance);
        List<EventPattern> events = [];
        var next = 0;
        foreach (var log in Logs)
        {
            for (; next < node.Events.Count && (next >= times.Count || times[next] <= log.StartNs); next++)
            {
                Add(node.Events[next]);
            }

            foreach (var pattern in log.Events)
            {
                Add(pattern);
            }
        }

        for (; next < node.Events.Count; next++)
        {
            Add(node.Events[next]);
        }

        return [.. events];

        void Add(EventPattern pattern)
        {
            if (seen.Add(pattern))
            {
                events.Add(pattern);
            }
        }
    }

    private static int Compare(SpanNode left, SpanNode right)
    {
        var byTime = left.StartNs.CompareTo(right.StartNs);
        return byTime != 0 ? byTime : Utf8Comparer.Instance.Compare(left.SpanId, right.SpanId);
    }
}

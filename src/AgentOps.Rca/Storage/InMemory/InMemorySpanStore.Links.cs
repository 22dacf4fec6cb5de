using System.Runtime.CompilerServices;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage.InMemory;

public sealed partial class InMemorySpanStore : ISpanLinker, ISpanRetention
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<Span> ListTraceAsync(
        string traceId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(traceId);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.CompletedTask.ConfigureAwait(false);
        Span[] found;
        lock (_lock)
        {
            Sort();
            var (from, _) = SpanLinks.RangeOf(traceId);
            found = _byTrace.TryGetValue(FirstPart(traceId), out var ids)
                ? [.. ids.Where(id => id.StartsWith(from, StringComparison.Ordinal)).Order(Utf8Comparer.Instance).Select(id => _byId[id])]
                : [];
        }

        foreach (var span in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return span;
        }
    }

    /// <inheritdoc/>
    public ValueTask<SpanLinkResult> LinkAsync(
        string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(spanIds);
        cancellationToken.ThrowIfCancellationRequested();
        string[] ids = [.. SpanLinks.Split(spanIds).SelectMany(static batch => batch)];
        lock (_lock)
        {
            Sort();
            var linked = 0;
            Dictionary<string, string?> stored = new(StringComparer.Ordinal);
            foreach (var id in ids)
            {
                if (_byId.TryGetValue(id, out var span))
                {
                    if (span.IncidentId is null)
                    {
                        Remove(span);
                        Insert(span = span with { IncidentId = incidentId });
                        linked++;
                    }

                    stored.Add(id, span.IncidentId);
                }
            }

            return ValueTask.FromResult(SpanLinks.Sum(incidentId, ids, linked, stored));
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> DeleteBaselineAsync(long fromTs, long toTs, int limit, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Sort();
            var old = From(_all, fromTs, after: null)
                .TakeWhile(span => span.StartTs < toTs)
                .Where(static span => span.IncidentId is null)
                .Take(limit)
                .ToList();
            old.ForEach(Remove);
            return ValueTask.FromResult(old.Count);
        }
    }

    private static string? TraceOf(string spanId) => spanId.Contains(':', StringComparison.Ordinal) ? FirstPart(spanId) : null;

    // A trace's own id may hold a colon; what stands before its first one leads to it.
    private static string FirstPart(string text) => text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? text[..colon] : text;

    private void Remove(Span span)
    {
        _byId.Remove(span.SpanId);
        _all.Remove(span);
        if (TraceOf(span.SpanId) is { } trace && _byTrace[trace] is var ofTrace && ofTrace.Remove(span.SpanId) && ofTrace.Count == 0)
        {
            _byTrace.Remove(trace);
        }
    }
}

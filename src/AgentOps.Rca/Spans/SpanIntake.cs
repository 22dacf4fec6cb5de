using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Spans;

/// <summary>Takes spans in: store, then observers, then links. Nothing else writes to <see cref="ISpanStore"/>.</summary>
internal sealed partial class SpanIntake : ISpanIntake
{
    private readonly ISpanStore _spans;
    private readonly Lazy<ISpanObserver[]> _observers;
    private readonly SpanLogLinks? _links;
    private readonly ILogger _logger;

    /// <summary>Makes an intake into this store.</summary>
    /// <param name="spans">Where the spans go.</param>
    /// <param name="observers">Told about spans that are stored; null tells nobody.</param>
    /// <param name="links">Brings log records into the incident of their call; null leaves them without.</param>
    /// <param name="logger">Told when an observer fails; null tells nobody.</param>
    public SpanIntake(
        ISpanStore spans, IEnumerable<ISpanObserver>? observers = null, SpanLogLinks? links = null, ILogger<SpanIntake>? logger = null)
        : this(spans, new Lazy<ISpanObserver[]>([.. observers ?? []]), links, logger)
    {
    }

    // Observers may be services that write spans themselves, so they are made when the first span is there.
    internal SpanIntake(ISpanStore spans, Lazy<ISpanObserver[]> observers, SpanLogLinks? links, ILogger<SpanIntake>? logger)
    {
        ArgumentNullException.ThrowIfNull(spans);
        _spans = spans;
        _observers = observers;
        _links = links;
        _logger = logger ?? NullLogger<SpanIntake>.Instance;
    }

    /// <inheritdoc/>
    public async ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spans);
        // A faked store answers with nothing, and has nothing else under the ids.
        var written = await _spans.AddAsync(spans, cancellationToken).ConfigureAwait(false) ?? new SpanWriteResult(spans.Count, 0, []);
        Tell(StoredOf(spans, written));
        if (_links is not null)
        {
            await LinkAsync(_links, spans, written, cancellationToken).ConfigureAwait(false);
        }

        return written;
    }

    private static async ValueTask LinkAsync(SpanLogLinks links, IReadOnlyList<Span> spans, SpanWriteResult written, CancellationToken cancellationToken)
    {
        try
        {
            await links.LinkStoredAsync(spans, written, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SpansNotLinkedException(failure);
        }
    }

    // Of an id that is there several times the first was stored, and what differs from it comes later in the batch.
    private static IReadOnlyList<Span> StoredOf(IReadOnlyList<Span> spans, SpanWriteResult written)
    {
        if (written.Conflicts.Count == 0)
        {
            return spans;
        }

        var refused = written.Conflicts.CountBy(static id => id, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        List<Span> stored = [];
        for (var place = spans.Count - 1; place >= 0; place--)
        {
            if (refused.TryGetValue(spans[place].SpanId, out var left) && left > 0)
            {
                refused[spans[place].SpanId] = left - 1;
            }
            else
            {
                stored.Add(spans[place]);
            }
        }

        stored.Reverse();
        return stored;
    }

    private void Tell(IReadOnlyList<Span> spans)
    {
        if (spans.Count == 0)
        {
            return;
        }

        foreach (var observer in _observers.Value)
        {
            try
            {
                observer.OnStored(spans);
            }
            catch (Exception problem)
            {
                // The spans are stored all the same, and whoever sent them has no part in it.
                LogObserverFailed(problem, observer.GetType().Name, spans.Count, spans[0].SpanId);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "{Observer} could not be told of {Count} span(s) that are stored, the first of them {SpanId}.")]
    private partial void LogObserverFailed(Exception problem, string observer, int count, string spanId);
}

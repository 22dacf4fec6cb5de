using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>
/// Takes one body of spans in: reads it as a stream and stores it in batches, the next batch being read while the last one is written.
/// What was stored before a mistake stays stored; sending the body again after mending it is safe, since known spans are duplicates.
/// An object of this class takes one body; its counts also hold when reading or writing throws.
/// </summary>
internal sealed class SpanIngest
{
    /// <summary>How many conflicting spans and unresolved digests are named at most.</summary>
    public const int MostNamed = 1_000;

    private const int BatchSize = 1_000;

    private readonly ISpanIntake _spans;
    private readonly UnresolvedDigests _unresolved;
    private readonly List<string> _conflicts = [];

    /// <summary>Makes the intake of one body.</summary>
    /// <param name="spans">Where the spans go.</param>
    /// <param name="artifacts">Where the artifacts they name should be.</param>
    public SpanIngest(ISpanIntake spans, IArtifactStore artifacts)
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(artifacts);
        _spans = spans;
        _unresolved = new UnresolvedDigests(artifacts, MostNamed);
    }

    /// <summary>Brings spans that name only an order into its incident; null leaves them without.</summary>
    internal SpanOrderLinks? Orders { get; init; }

    /// <summary>How many spans were new and are stored.</summary>
    public long Accepted { get; private set; }

    /// <summary>How many spans were known with the same content.</summary>
    public long Duplicates { get; private set; }

    /// <summary>How many spans differ from what is stored under their id.</summary>
    public long ConflictCount { get; private set; }

    /// <summary>The ids of those spans, at most <see cref="MostNamed"/>.</summary>
    public IReadOnlyList<string> Conflicts => _conflicts;

    /// <summary>The digests that the spans name and for which there is no artifact, at most <see cref="MostNamed"/>.</summary>
    public IReadOnlyCollection<ArtifactDigest> Unresolved => _unresolved.Found;

    /// <summary>Whether there may be more unresolved digests than are named.</summary>
    public bool IsUnresolvedCut => _unresolved.IsCut;

    /// <summary>Takes the body in.</summary>
    /// <param name="body">The bytes, in one of the forms that <see cref="SpanReader"/> reads.</param>
    /// <param name="maxSpanBytes">How many bytes a span may have.</param>
    /// <param name="cancellationToken">Cancels the intake; what was written is then unknown, and repeating it is safe.</param>
    /// <returns>Why it stopped before the end, or null.</returns>
    public async ValueTask<SpanProblem?> RunAsync(
        Stream body, int maxSpanBytes = SpanReader.DefaultMaxSpanBytes, CancellationToken cancellationToken = default)
    {
        using var reader = new SpanReader(body, maxSpanBytes);
        var writing = Task.CompletedTask;
        try
        {
            while (true)
            {
                var batch = await reader.ReadAsync(BatchSize, cancellationToken).ConfigureAwait(false);
                await writing.ConfigureAwait(false);
                if (batch.Spans.Count > 0)
                {
                    // Embedded stores work on the calling thread; on a thread of its own the write leaves this one free to read on.
                    writing = Task.Run(() => WriteAsync(batch.Spans, cancellationToken), cancellationToken);
                }

                if (batch.IsLast)
                {
                    await writing.ConfigureAwait(false);
                    return batch.Problem;
                }
            }
        }
        finally
        {
            // A failure to read must not leave a write behind that nobody waits for; its own failure comes second.
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken)
    {
        // Which artifacts there are does not hang on what is written.
        var looking = Task.Run(() => _unresolved.LookAsync(spans, cancellationToken).AsTask(), cancellationToken);
        try
        {
            var result = await _spans.AddAsync(spans, cancellationToken).ConfigureAwait(false);
            Accepted += result.Added;
            Duplicates += result.Duplicates;
            ConflictCount += result.Conflicts.Count;
            _conflicts.AddRange(result.Conflicts.Take(MostNamed - _conflicts.Count));
            if (Orders is not null)
            {
                await Orders.LinkAsync(spans, result, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await looking.ConfigureAwait(false);
    }
}

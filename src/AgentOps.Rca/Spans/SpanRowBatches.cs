using System.Runtime.CompilerServices;

namespace AgentOps.Rca.Spans;

/// <summary>Reads the rows of an incident ahead of the one who works on them.</summary>
internal static class SpanRowBatches
{
    // Some 2 MB of rows of the usual size, so that neither waits long for the other, and the reading does not begin anew all the time.
    private const int BatchRows = 4_000;

    /// <summary>All rows in their order; a batch is good until the next one is asked for.</summary>
    /// <param name="rows">The store.</param>
    /// <param name="incidentId">The incident.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async IAsyncEnumerable<SpanRowBatch> ReadAsync(
        ISpanRows rows, string incidentId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (batch, other) = (new SpanRowBatch(), new SpanRowBatch());
        var reading = FillAsync(batch, null);
        try
        {
            await reading.ConfigureAwait(false);
            while (batch.Last is { } last)
            {
                var next = other;
                reading = Task.Run(() => FillAsync(next, last), CancellationToken.None);
                yield return batch;
                await reading.ConfigureAwait(false);
                (batch, other) = (other, batch);
            }

            yield return batch;
        }
        finally
        {
            // Who stops early leaves nothing running behind.
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task FillAsync(SpanRowBatch filled, SpanCursor? after)
        {
            filled.Clear();
            filled.Last = await rows.ReadPageAsync(incidentId, after, BatchRows, filled.Add, cancellationToken).ConfigureAwait(false);
        }
    }
}

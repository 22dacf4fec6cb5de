using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AgentOps.Rca.Spans;

/// <summary>Reads a listing ahead of the one who enumerates it, so that reading and working on what was read run beside each other.</summary>
internal static class ReadAhead
{
    private const int BatchSize = 256;
    private const int MostBatches = 8;

    /// <summary>The same items in the same order; at most 2,048 of them are held.</summary>
    /// <param name="source">The listing.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async IAsyncEnumerable<T> Of<T>(
        IAsyncEnumerable<T> source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var batches = Channel.CreateBounded<List<T>>(new BoundedChannelOptions(MostBatches) { SingleReader = true, SingleWriter = true });
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(() => ReadAsync(source, batches.Writer, stopping.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var item in batch)
                {
                    yield return item;
                }
            }
        }
        finally
        {
            // Who stops early leaves nothing running behind; what went wrong in the reading has come out of the channel.
            await stopping.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> source, ChannelWriter<List<T>> batches, CancellationToken cancellationToken)
    {
        try
        {
            List<T> batch = new(BatchSize);
            await foreach (var item in source.WithCancellation(cancellationToken))
            {
                batch.Add(item);
                if (batch.Count == BatchSize)
                {
                    await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                    batch = new(BatchSize);
                }
            }

            await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            batches.Complete();
        }
        catch (Exception failure)
        {
            batches.TryComplete(failure);
        }
    }
}

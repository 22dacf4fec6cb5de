using System.Net;
using System.Net.Http.Headers;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Faults;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>Reads an object from any place. A reply that breaks off is gone on with where it broke.</summary>
internal sealed class BucketContentStream : ContentStream
{
    private const int FruitlessReads = 5;

    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    private readonly BucketClient _client;
    private readonly Uri _address;
    private HttpResponseMessage? _reply;
    private Stream? _body;

    private BucketContentStream(BucketClient client, Uri address, HttpResponseMessage reply, Stream body, long length)
    {
        _client = client;
        _address = address;
        _reply = reply;
        _body = body;
        Length = length;
    }

    public override long Length { get; }

    /// <summary>Opens an object, or null when there is none.</summary>
    public static async ValueTask<BucketContentStream?> OpenAsync(BucketClient client, string key, CancellationToken cancellationToken)
    {
        var address = new Uri(client.Root, $"object/{client.Bucket}/{key}");
        try
        {
            var (reply, body) = await GetAsync(client, address, from: 0, cancellationToken).ConfigureAwait(false);
            if (reply.Content.Headers.ContentLength is { } length)
            {
                return new BucketContentStream(client, address, reply, body, length);
            }

            reply.Dispose();
            throw new StoreUnavailableException($"The Storage API at {client.Address} did not say how long an object is.");
        }
        catch (BucketException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (BucketException exception)
        {
            throw client.Unavailable(exception);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var fruitless = 0; !buffer.IsEmpty && Position < Length; fruitless++)
        {
            try
            {
                if (_body is null)
                {
                    (_reply, _body) = await GetAsync(_client, _address, Position, cancellationToken).ConfigureAwait(false);
                }

                using var limit = new CancellationTokenSource(Stall, _client.TimeProvider);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                var count = await _body.ReadAsync(buffer, both.Token).ConfigureAwait(false);
                return Advance(count);
            }
            catch (BucketException exception)
            {
                // Gone since it was opened, or a key that lost its rights: the reader's hash must not have to tell.
                throw _client.Unavailable(exception);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested
                && (exception is OperationCanceledException || NetworkFaults.Classify(exception) is not null))
            {
                Drop();
                if (fruitless == FruitlessReads)
                {
                    throw _client.Unavailable(exception);
                }
            }
        }

        return 0;
    }

    protected override void OnMove(long place)
    {
        if (place != Position)
        {
            Drop();
        }
    }

    protected override void Dispose(bool disposing)
    {
        Drop();
        base.Dispose(disposing);
    }

    private static ValueTask<(HttpResponseMessage Reply, Stream Body)> GetAsync(
        BucketClient client, Uri address, long from, CancellationToken cancellationToken) => client.TransferAsync(
        () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, address);
            // Whatever a cache in front of the bucket holds, only what the bucket holds proves anything.
            request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
            request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
            return request;
        },
        async (reply, token) =>
        {
            var body = await reply.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
            if (from > 0 && reply.StatusCode != HttpStatusCode.PartialContent)
            {
                await SkipAsync(body, from, token).ConfigureAwait(false);
            }

            return (reply, body);
        },
        cancellationToken);

    // What stands in front of the bucket may not know ranges and answer with the whole.
    private static async ValueTask SkipAsync(Stream body, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        while (count > 0 && await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellationToken).ConfigureAwait(false) is var read and > 0)
        {
            count -= read;
        }
    }

    private void Drop()
    {
        _reply?.Dispose();
        (_reply, _body) = (null, null);
    }
}

using System.Net;
using System.Net.Http.Headers;
using AgentOps.Rca.Storage.Faults;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>Reads an object from any place. A reply that breaks off is gone on with where it broke.</summary>
internal sealed class BucketContentStream : Stream
{
    private const int FruitlessReads = 5;

    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    private readonly BucketClient _client;
    private readonly Uri _address;
    private HttpResponseMessage? _reply;
    private Stream? _body;
    private long _position;

    private BucketContentStream(BucketClient client, Uri address, HttpResponseMessage reply, Stream body, long length)
    {
        _client = client;
        _address = address;
        _reply = reply;
        _body = body;
        Length = length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            if (value != _position)
            {
                Drop();
                _position = value;
            }
        }
    }

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
        for (var fruitless = 0; !buffer.IsEmpty && _position < Length; fruitless++)
        {
            try
            {
                if (_body is null)
                {
                    (_reply, _body) = await GetAsync(_client, _address, _position, cancellationToken).ConfigureAwait(false);
                }

                using var limit = new CancellationTokenSource(Stall, _client.TimeProvider);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                var count = await _body.ReadAsync(buffer, both.Token).ConfigureAwait(false);
                _position += count;
                return count;
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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var place = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => Length + offset,
        };
        return place < 0 ? throw new IOException("Content cannot be read from before its beginning.") : Position = place;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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

using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>Uploads: at once what is small, and resumable (TUS 1.0.0) what is larger than one part.</summary>
internal static class BucketUpload
{
    /// <summary>The largest content that goes in one request, and the length that the server wants of each resumable part.</summary>
    public const int PartLength = 6 << 20;

    private const string ContentType = "application/octet-stream";
    private const string OffsetHeader = "Upload-Offset";
    private const string OverwriteHeader = "x-upsert";
    private const string Uploads = "upload/resumable";

    // How often an upload is begun anew after the server has forgotten it.
    private const int Beginnings = 3;

    // How often the server may say that it is elsewhere before the upload is given up.
    private const int Disagreements = 20;

    /// <summary>Uploads content in one request.</summary>
    /// <returns>False when the key is taken and must not be overwritten.</returns>
    public static async ValueTask<bool> PutAsync(
        BucketClient client, string key, ReadOnlyMemory<byte> content, bool overwrite, CancellationToken cancellationToken)
    {
        var address = new Uri(client.Root, $"object/{client.Bucket}/{key}");
        try
        {
            return await client.TransferAsync(
                () =>
                {
                    var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(content) };
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
                    request.Headers.Add(OverwriteHeader, overwrite ? "true" : "false");
                    return request;
                },
                DoneAsync,
                cancellationToken).ConfigureAwait(false);
        }
        catch (BucketException exception) when (exception.Status == HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    /// <summary>Uploads content part by part; after a failure it goes on where the server says it is.</summary>
    /// <exception cref="BucketException">The server refused.</exception>
    public static async ValueTask PutResumableAsync(
        BucketClient client, string key, ContentSpool content, CancellationToken cancellationToken)
    {
        for (var beginning = 1; ; beginning++)
        {
            try
            {
                var upload = await BeginAsync(client, key, content.Length, cancellationToken).ConfigureAwait(false);
                await SendPartsAsync(client, upload, content, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (BucketException exception) when (
                exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone && beginning < Beginnings)
            {
                // The server keeps unfinished uploads for a while only, or was restarted.
            }
        }
    }

    private static async ValueTask SendPartsAsync(BucketClient client, Uri upload, ContentSpool content, CancellationToken cancellationToken)
    {
        var part = ArrayPool<byte>.Shared.Rent(PartLength);
        try
        {
            var offset = 0L;
            var disagreements = 0;
            while (offset < content.Length)
            {
                var length = await content.ReadAsync(part.AsMemory(0, PartLength), offset, cancellationToken).ConfigureAwait(false);
                try
                {
                    offset = await SendPartAsync(client, upload, part.AsMemory(0, length), offset, cancellationToken).ConfigureAwait(false);
                }
                catch (BucketException exception) when (exception.Status == HttpStatusCode.Conflict && disagreements++ < Disagreements)
                {
                    // A part arrived and its reply did not, or only the beginning of a part arrived: the server knows.
                    offset = await FindOffsetAsync(client, upload, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }
    }

    private static ValueTask<Uri> BeginAsync(BucketClient client, string key, long length, CancellationToken cancellationToken) => client.CallAsync(
        () =>
        {
            var request = NewRequest(HttpMethod.Post, new Uri(client.Root, Uploads));
            request.Headers.Add(OverwriteHeader, "true");
            request.Headers.Add("Upload-Length", length.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add(
                "Upload-Metadata",
                $"bucketName {Base64(client.Bucket)},objectName {Base64(key)},contentType {Base64(ContentType)},cacheControl {Base64("3600")}");
            return request;
        },
        (reply, _) =>
        {
            using (reply)
            {
                return ReadId(reply.Headers.Location) is { } id
                    ? ValueTask.FromResult(new Uri(client.Root, $"{Uploads}/{id}"))
                    : throw new BucketException(HttpStatusCode.BadGateway, "The reply to a resumable upload has no Location");
            }
        },
        cancellationToken);

    // Behind a gateway the server knows neither its own name nor what its path begins with, and the key goes to no other host: of the address
    // only the id is believed.
    private static string? ReadId(Uri? location)
    {
        var path = location is null ? "" : location.IsAbsoluteUri ? location.AbsolutePath : location.OriginalString.Split('?', '#')[0];
        path = path.TrimEnd('/');
        var id = path[(path.LastIndexOf('/') + 1)..];
        return id is "" or "." or ".." ? null : id;
    }

    private static ValueTask<long> SendPartAsync(
        BucketClient client, Uri upload, ReadOnlyMemory<byte> part, long offset, CancellationToken cancellationToken) => client.TransferAsync(
        () =>
        {
            var request = NewRequest(HttpMethod.Patch, upload);
            request.Content = new ReadOnlyMemoryContent(part);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
            request.Headers.Add(OffsetHeader, offset.ToString(CultureInfo.InvariantCulture));
            // The server asks for it again at each part, and answers 409 where the object is there already.
            request.Headers.Add(OverwriteHeader, "true");
            return request;
        },
        ReadOffsetAsync,
        cancellationToken);

    private static ValueTask<long> FindOffsetAsync(BucketClient client, Uri upload, CancellationToken cancellationToken) =>
        client.CallAsync(() => NewRequest(HttpMethod.Head, upload), ReadOffsetAsync, cancellationToken);

    private static ValueTask<long> ReadOffsetAsync(HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        using (reply)
        {
            return reply.Headers.TryGetValues(OffsetHeader, out var values)
                && long.TryParse(values.Single(), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                ? ValueTask.FromResult(offset)
                : throw new BucketException(HttpStatusCode.BadGateway, $"The reply to a resumable upload has no {OffsetHeader}");
        }
    }

    private static ValueTask<bool> DoneAsync(HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        reply.Dispose();
        return ValueTask.FromResult(true);
    }

    private static HttpRequestMessage NewRequest(HttpMethod method, Uri address)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Add("Tus-Resumable", "1.0.0");
        return request;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

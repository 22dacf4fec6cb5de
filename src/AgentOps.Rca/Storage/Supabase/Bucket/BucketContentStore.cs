using System.Net;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Supabase.DataApi;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>
/// Bytes of artifacts as objects of a Supabase Storage bucket, <c>&lt;first two digits&gt;/&lt;digest&gt;</c>. The server checks no digest,
/// so whatever was uploaded is read back and hashed before the write counts.
/// </summary>
internal sealed partial class BucketContentStore(BucketClient client, TimeProvider timeProvider)
    : IArtifactContentStore, IArtifactContentRetention
{
    private const int Attempts = 4;

    private static readonly TimeSpan OtherUpload = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(3);

    /// <summary>What the host prints about it.</summary>
    public string Description => $"Supabase Storage bucket '{client.Bucket}' at {client.Address}";

    public async ValueTask<StoredContent> WriteAsync(
        Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        cancellationToken.ThrowIfCancellationRequested();
        using var spool = new ContentSpool();
        var stored = await ContentPump.CopyAsync(content, (bytes, _) => spool.AppendAsync(bytes), cancellationToken).ConfigureAwait(false);
        if (expected is { } wanted && wanted != stored.Digest)
        {
            throw new ArtifactDigestMismatchException(wanted, stored.Digest);
        }

        try
        {
            await PutAsync(spool, stored, cancellationToken).ConfigureAwait(false);
            return stored;
        }
        catch (BucketException exception)
        {
            throw client.Unavailable(exception);
        }
    }

    public async ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var key = KeyOf(digest);
        // What is withdrawn may have its name back by the time it is looked for.
        return await OpenNamedAsync(key, cancellationToken).ConfigureAwait(false)
            ?? await OpenWithdrawnAsync(digest, cancellationToken).ConfigureAwait(false)
            ?? await OpenNamedAsync(key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What start-up does: makes the bucket unless it is there, and makes sure that what is written can be read back.
    /// </summary>
    /// <returns>A sentence to warn with, or null when all is well.</returns>
    /// <exception cref="StoreSetupException">The host must not start: the key may not do what it has to.</exception>
    /// <exception cref="StoreUnavailableException">The Storage API is down.</exception>
    public async ValueTask<string?> PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            var isPublic = await IsPublicAsync(cancellationToken).ConfigureAwait(false);
            if (isPublic is null)
            {
                await MakeBucketAsync(cancellationToken).ConfigureAwait(false);
            }

            using var empty = new MemoryStream();
            await WriteAsync(empty, ArtifactDigest.Empty, cancellationToken).ConfigureAwait(false);
            return isPublic == true
                ? $"The bucket '{client.Bucket}' at {client.Address} is public: whoever knows the digest of an artifact can read it. Make it private."
                : null;
        }
        catch (BucketException exception)
        {
            throw new StoreSetupException(client.Unavailable(exception).Message, exception);
        }
        catch (StoreUnavailableException exception) when (exception.InnerException is BucketException
        { Status: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound })
        {
            throw new StoreSetupException(exception.Message, exception);
        }
    }

    /// <summary>One quick look for the readiness endpoint: what keeps the bucket from working, or null.</summary>
    public async ValueTask<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LookLimit, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await IsPublicAsync(both.Token).ConfigureAwait(false) is null
                ? $"The project at {client.Address} has no bucket '{client.Bucket}'."
                : null;
        }
        catch (BucketException exception)
        {
            return client.Unavailable(exception).Message;
        }
        catch (StoreUnavailableException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The Storage API at {client.Address} did not answer in time.";
        }
    }

    private static string KeyOf(ArtifactDigest digest)
    {
        var name = digest.ToString();
        return $"{name[..2]}/{name}";
    }

    private ValueTask<BucketContentStream?> OpenNamedAsync(string key, CancellationToken cancellationToken) =>
        BucketContentStream.OpenAsync(client, key, cancellationToken);

    private async ValueTask PutAsync(ContentSpool spool, StoredContent stored, CancellationToken cancellationToken)
    {
        var key = KeyOf(stored.Digest);
        // To look first costs nothing beside many parts, and as much as the upload itself beside one.
        if (!spool.IsSmall && await HoldsAsync(stored, cancellationToken).ConfigureAwait(false) && await IsYoungAsync(stored.Digest, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var isUploaded = await TryUploadAsync(spool, key, overwrite: attempt > 0, cancellationToken).ConfigureAwait(false);
            // What is known and old may be about to be collected: it counts only once it is young, and it is written again until it is.
            if (await HoldsAsync(stored, cancellationToken).ConfigureAwait(false) && (isUploaded || await IsYoungAsync(stored.Digest, cancellationToken).ConfigureAwait(false)))
            {
                return;
            }

            if (!isUploaded && !spool.IsSmall)
            {
                await Task.Delay(OtherUpload * (attempt + 1), timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }

        throw new StoreUnavailableException(
            $"Content {stored.Digest} was uploaded to the bucket '{client.Bucket}' at {client.Address}, but other bytes came back.");
    }

    // False when the name is taken, or another host uploads the same content at this moment.
    private async ValueTask<bool> TryUploadAsync(ContentSpool spool, string key, bool overwrite, CancellationToken cancellationToken)
    {
        if (spool.IsSmall)
        {
            // What has the name may be damaged or old: then, and only then, it is overwritten.
            return await BucketUpload.PutAsync(client, key, spool.Bytes, overwrite, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await BucketUpload.PutResumableAsync(client, key, spool, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (BucketException exception) when (exception.Status == HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    private async ValueTask<bool> HoldsAsync(StoredContent stored, CancellationToken cancellationToken)
    {
        var stream = await OpenNamedAsync(KeyOf(stored.Digest), cancellationToken).ConfigureAwait(false);
        if (stream is null)
        {
            return false;
        }

        await using var streamDisposal = stream.ConfigureAwait(false);
        return stream.Length == stored.Length && await ContentPump.HashAsync(stream, cancellationToken).ConfigureAwait(false) == stored;
    }

    // Null when there is no such bucket.
    private async ValueTask<bool?> IsPublicAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.CallAsync(
                () => new HttpRequestMessage(HttpMethod.Get, new Uri(client.Root, $"bucket/{client.Bucket}")),
                static async (reply, token) =>
                {
                    using (reply)
                    {
                        var bucket = JsonElement.Parse(await reply.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false));
                        return bucket.TryGetProperty("public", out var isPublic) && isPublic.ValueKind == JsonValueKind.True;
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (BucketException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async ValueTask MakeBucketAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.CallAsync(
                () => new HttpRequestMessage(HttpMethod.Post, new Uri(client.Root, "bucket"))
                {
                    Content = ApiBody.Write(writer =>
                    {
                        writer.WriteStartObject();
                        writer.WriteString("id", client.Bucket);
                        writer.WriteString("name", client.Bucket);
                        writer.WriteBoolean("public", false);
                        writer.WriteEndObject();
                    }),
                },
                static (reply, _) =>
                {
                    reply.Dispose();
                    return ValueTask.FromResult(true);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (BucketException exception) when (exception.Status == HttpStatusCode.Conflict)
        {
            // Another host made it in the same moment.
        }
    }
}

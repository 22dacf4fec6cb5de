using System.Globalization;
using System.Net;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Storage.Supabase.DataApi;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>An object or a folder in a listing.</summary>
/// <param name="Name">Its name in its folder.</param>
/// <param name="Age">How long ago it was written or moved, by the server's clocks; null for a folder.</param>
internal readonly record struct BucketObject(string Name, TimeSpan? Age);

/// <summary>What the Storage API does with objects besides reading and writing them.</summary>
internal static class BucketObjects
{
    // The server gives at most 1,500, whatever is asked for.
    private const int PageSize = 1_000;

    /// <summary>Lists a folder whose names begin with a text. What others add or take away meanwhile may be missed.</summary>
    /// <exception cref="StoreUnavailableException">The Storage API is down, or refuses.</exception>
    public static async ValueTask<IReadOnlyList<BucketObject>> ListAsync(
        BucketClient client, string folder, string beginning, CancellationToken cancellationToken)
    {
        // All of it before any is used, because that would move the pages. The server may cut any answer: only an empty one is the last.
        List<BucketObject> all = [];
        while (await ListPageAsync(client, folder, beginning, all.Count, cancellationToken).ConfigureAwait(false) is { Count: > 0 } page)
        {
            all.AddRange(page);
        }

        return all;
    }

    /// <summary>Looks for one object, in one request that no cache answers; null when it is not there.</summary>
    /// <exception cref="StoreUnavailableException">The Storage API is down, or refuses.</exception>
    public static async ValueTask<BucketObject?> FindAsync(
        BucketClient client, string folder, string name, CancellationToken cancellationToken)
    {
        foreach (var found in await ListPageAsync(client, folder, name, 0, cancellationToken).ConfigureAwait(false))
        {
            if (found.Name == name)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Gives an object another name, unless that is taken.</summary>
    /// <param name="client">The client.</param>
    /// <param name="from">The name it has.</param>
    /// <param name="to">The name it gets, asked for at each attempt.</param>
    /// <param name="cancellationToken">Cancels the call, which may happen all the same.</param>
    /// <returns>OK, NotFound when it is not there, or Conflict when the name is taken.</returns>
    /// <exception cref="StoreUnavailableException">The Storage API is down, or refuses.</exception>
    public static ValueTask<HttpStatusCode> MoveAsync(
        BucketClient client, string from, Func<string> to, CancellationToken cancellationToken) => GuardAsync(client, async () =>
    {
        try
        {
            return await client.CallAsync(
                () => new HttpRequestMessage(HttpMethod.Post, new Uri(client.Root, "object/move"))
                {
                    Content = ApiBody.Write(writer =>
                    {
                        writer.WriteStartObject();
                        writer.WriteString("bucketId", client.Bucket);
                        writer.WriteString("sourceKey", from);
                        writer.WriteString("destinationKey", to());
                        writer.WriteEndObject();
                    }),
                },
                static (reply, _) =>
                {
                    reply.Dispose();
                    return ValueTask.FromResult(HttpStatusCode.OK);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (BucketException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return exception.Status;
        }
    });

    /// <summary>Deletes an object.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="StoreUnavailableException">The Storage API is down, or refuses.</exception>
    public static ValueTask<bool> DeleteAsync(BucketClient client, string key, CancellationToken cancellationToken) => GuardAsync(
        client,
        () => client.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Delete, new Uri(client.Root, $"object/{client.Bucket}"))
            {
                Content = ApiBody.Write(writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteStartArray("prefixes");
                    writer.WriteStringValue(key);
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                }),
            },
            static async (reply, token) => (await ReadArrayAsync(reply, "deletion", token).ConfigureAwait(false)).GetArrayLength() > 0,
            cancellationToken));

    private static ValueTask<List<BucketObject>> ListPageAsync(
        BucketClient client, string folder, string beginning, int offset, CancellationToken cancellationToken) => GuardAsync(
        client,
        () => client.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Post, new Uri(client.Root, $"object/list/{client.Bucket}"))
            {
                Content = ApiBody.Write(writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("prefix", folder);
                    writer.WriteString("search", beginning);
                    writer.WriteNumber("limit", PageSize);
                    writer.WriteNumber("offset", offset);
                    writer.WriteStartObject("sortBy");
                    writer.WriteString("column", "name");
                    writer.WriteString("order", "asc");
                    writer.WriteEndObject();
                    writer.WriteEndObject();
                }),
            },
            static async (reply, token) =>
            {
                var now = reply.Headers.Date ?? throw new BucketException(HttpStatusCode.BadGateway, "The reply to a listing has no Date");
                List<BucketObject> page = [];
                foreach (var entry in (await ReadArrayAsync(reply, "listing", token).ConfigureAwait(false)).EnumerateArray())
                {
                    page.Add(Read(entry, now));
                }

                return page;
            },
            cancellationToken));

    private static BucketObject Read(JsonElement entry, DateTimeOffset now) =>
        entry.ValueKind == JsonValueKind.Object
        && entry.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && name.GetString() is { } text
            ? new BucketObject(
                text,
                entry.TryGetProperty("updated_at", out var updated) && updated.ValueKind == JsonValueKind.String
                && DateTimeOffset.TryParse(updated.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var writtenAt)
                    ? now - writtenAt
                    : null)
            : throw new BucketException(HttpStatusCode.BadGateway, "A listing has an entry without a name");

    private static async ValueTask<JsonElement> ReadArrayAsync(HttpResponseMessage reply, string kind, CancellationToken cancellationToken)
    {
        using (reply)
        {
            return JsonRules.TryRead(await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), out var list)
                && list.ValueKind == JsonValueKind.Array
                ? list
                : throw new BucketException(HttpStatusCode.BadGateway, $"The reply to a {kind} is no list");
        }
    }

    private static async ValueTask<T> GuardAsync<T>(BucketClient client, Func<ValueTask<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (BucketException exception)
        {
            throw client.Unavailable(exception);
        }
    }
}

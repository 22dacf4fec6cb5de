using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Bucket;

// Listing, moving and deleting as Supabase's storage server does them: rows in a database beside the bytes. A move copies the bytes before
// it changes the row, keeps created_at and renews updated_at; a listing shows one level and is cut at the server's own limit.
public sealed partial class StorageServer
{
    // The server's clock is not the host's.
    private static readonly TimeSpan Skew = TimeSpan.FromHours(5);

    private readonly ConcurrentQueue<Func<bool>> _late = new();
    private readonly Lock _rows = new();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow() + Skew;

    /// <summary>The longest page of a listing, whatever is asked for.</summary>
    public int LongestPage { get; set; } = 1_500;

    /// <summary>The keys of all objects, with their bucket.</summary>
    public IReadOnlyList<string> Keys => [.. _objects.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Makes an object look as if it had been written this long ago; null for all.</summary>
    public void Age(string? key, TimeSpan age)
    {
        lock (_rows)
        {
            foreach (var (name, found) in _objects)
            {
                if (key is null || name == key)
                {
                    _objects[name] = found with { UpdatedAt = Now - age };
                }
            }
        }
    }

    /// <summary>Carries out what was asked for in requests whose line was cut before.</summary>
    /// <returns>How many of them had an effect.</returns>
    public int RunLate()
    {
        var done = 0;
        while (_late.TryDequeue(out var request))
        {
            done += request() ? 1 : 0;
        }

        return done;
    }

    private bool TryStore(string key, byte[] bytes, bool overwrite)
    {
        lock (_rows)
        {
            var known = _objects.GetValueOrDefault(key);
            if (known is not null && !overwrite)
            {
                return false;
            }

            _objects[key] = new StoredObject(bytes, known?.CreatedAt ?? Now, Now);
            return true;
        }
    }

    private async Task ListAsync(HttpContext context, string bucket)
    {
        var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
        var folder = body.GetProperty("prefix").GetString()!;
        folder = folder.Length == 0 || folder.EndsWith('/') ? folder : folder + "/";
        var beginning = $"{bucket}/{folder}{(body.TryGetProperty("search", out var search) ? search.GetString() : "")}";
        var limit = Math.Min(body.TryGetProperty("limit", out var wanted) ? wanted.GetInt32() : 100, LongestPage);
        var offset = body.TryGetProperty("offset", out var skipped) ? skipped.GetInt32() : 0;
        if (body.TryGetProperty("sortBy", out var sort) && (sort.GetProperty("column").GetString(), sort.GetProperty("order").GetString()) != ("name", "asc"))
        {
            await ErrorAsync(context, 400, "not_here", "These tests list by name only");
            return;
        }

        List<KeyValuePair<string, StoredObject>> found;
        lock (_rows)
        {
            found = [.. _objects.Where(pair => pair.Key.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))];
        }

        // Row level security shows nothing to a key without rights; it is no error.
        var page = (context.Request.Headers["apikey"] == AnonKey ? [] : found)
            .Select(pair => (Parts: pair.Key[(bucket.Length + 1 + folder.Length)..].Split('/', 2), pair.Value))
            .GroupBy(entry => entry.Parts[0], StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Skip(offset).Take(limit)
            .Select(group => (group.Key, Row: group.FirstOrDefault(entry => entry.Parts.Length == 1).Value))
            .Select(entry => new
            {
                name = entry.Key,
                id = entry.Row is null ? (Guid?)null : Guid.NewGuid(),
                updated_at = Text(entry.Row?.UpdatedAt),
                created_at = Text(entry.Row?.CreatedAt),
                last_accessed_at = Text(entry.Row?.CreatedAt),
                metadata = entry.Row is null ? null : new { size = entry.Row.Bytes.Length },
            });
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(JsonSerializer.Serialize(page));

        static string? Text(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    private async Task MoveAsync(HttpContext context, StorageFault fault)
    {
        var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
        var bucket = body.GetProperty("bucketId").GetString();
        var (from, to) = ($"{bucket}/{body.GetProperty("sourceKey").GetString()}", $"{bucket}/{body.GetProperty("destinationKey").GetString()}");
        if (fault == StorageFault.Late)
        {
            _late.Enqueue(() => _objects.TryGetValue(from, out var found) && TryRename(from, to, found.Bytes) == 200);
            context.Abort();
            return;
        }

        var status = 404;
        if (_objects.TryGetValue(from, out var source))
        {
            var copy = (byte[])source.Bytes.Clone();
            await Task.Yield();
            status = TryRename(from, to, copy);
        }

        await (status switch
        {
            404 => ErrorAsync(context, 404, "not_found", "Object not found"),
            409 => ErrorAsync(context, 409, "Duplicate", "The resource already exists"),
            _ => DoneAsync(context, fault, """{"message":"Successfully moved"}"""),
        });
    }

    private int TryRename(string from, string to, byte[] copy)
    {
        lock (_rows)
        {
            if (!_objects.TryGetValue(from, out var row))
            {
                return 404;
            }

            if (_objects.ContainsKey(to))
            {
                return 409;
            }

            _objects.TryRemove(from, out _);
            _objects[to] = row with { Bytes = copy, UpdatedAt = Now };
            return 200;
        }
    }

    private async Task RemoveAsync(HttpContext context, string bucket, StorageFault fault)
    {
        var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
        List<object> removed = [];
        lock (_rows)
        {
            foreach (var prefix in body.GetProperty("prefixes").EnumerateArray())
            {
                // A name, in spite of its name.
                if (_objects.TryRemove($"{bucket}/{prefix.GetString()}", out _))
                {
                    removed.Add(new { bucket_id = bucket, name = prefix.GetString() });
                }
            }
        }

        await DoneAsync(context, fault, JsonSerializer.Serialize(removed));
    }

    private static Task DoneAsync(HttpContext context, StorageFault fault, string json)
    {
        if (fault == StorageFault.LoseReply)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    private sealed record StoredObject(byte[] Bytes, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
}

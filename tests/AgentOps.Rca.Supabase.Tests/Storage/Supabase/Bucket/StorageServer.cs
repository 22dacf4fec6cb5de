using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Bucket;

/// <summary>
/// A server on a real socket that speaks the protocol of Supabase's Storage API: standard uploads up to 6 MiB, resumable ones (TUS) in
/// parts of exactly 6 MiB, and errors that are HTTP 400 with the true status in the body. <see cref="Plan"/> makes it fail.
/// </summary>
public sealed partial class StorageServer : IAsyncDisposable
{
    public const string ServiceKey = "sb_secret_storage";
    public const string AnonKey = "sb_publishable_storage";

    /// <summary>A key of the older kind: a token of the role service_role.</summary>
    public const string TokenKey = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.storage";
    private const int PartLength = 6 << 20;

    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, bool> _buckets = new();
    private readonly ConcurrentDictionary<string, StoredObject> _objects = new();
    private readonly ConcurrentDictionary<string, Upload> _uploads = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private int _uploadCount;

    private StorageServer(WebApplication application) => _application = application;

    /// <summary>What goes wrong with a request, by its number among those of its kind (<c>POST object</c>), from 1.</summary>
    public Func<string, int, StorageFault> Plan { get; set; } = static (_, _) => StorageFault.None;

    public Uri Url => new(_application.Urls.Single());

    /// <summary>The kinds of the requests that came, in their order.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>The buckets, and whether they are public.</summary>
    public IReadOnlyDictionary<string, bool> Buckets => _buckets;

    public static async Task<StorageServer> StartAsync(string? bucket = null, bool isPublic = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = null);
        var application = builder.Build();
        var server = new StorageServer(application);
        if (bucket is not null)
        {
            server._buckets[bucket] = isPublic;
        }

        application.Run(server.AnswerAsync);
        await application.StartAsync();
        return server;
    }

    /// <summary>Changes a byte of a stored object.</summary>
    public void Flip(string key)
    {
        var bytes = (byte[])_objects[key].Bytes.Clone();
        bytes[bytes.Length / 2] ^= 1;
        _objects[key] = _objects[key] with { Bytes = bytes };
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        const string Root = "/storage/v1/";
        if (!path.StartsWith(Root, StringComparison.Ordinal))
        {
            context.Response.StatusCode = 404;
            return;
        }

        var parts = path[Root.Length..].Split('/', 3);
        // Listing and moving have paths of their own beside the buckets.
        var kind = $"{context.Request.Method} {(parts is ["object", "list" or "move", ..] ? parts[1] : parts[0])}";
        context.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
        _requests.Enqueue(kind);
        var fault = Plan(kind, _requests.Count(request => request == kind));
        if (fault == StorageFault.Unavailable)
        {
            await ErrorAsync(context, 503, "SlowDown", "Please reduce your request rate");
            return;
        }

        // The new keys stand in one header alone, where a token would be looked for they are an error; the older ones stand in both.
        var authorization = context.Request.Headers.Authorization.ToString();
        if (context.Request.Headers["apikey"] is not [ServiceKey or AnonKey or TokenKey]
            || authorization != (context.Request.Headers["apikey"] == TokenKey ? $"Bearer {TokenKey}" : ""))
        {
            await ErrorAsync(context, 403, "Unauthorized", "Invalid Compact JWS");
            return;
        }

        if (context.Request.Method != "GET" && kind != "POST list" && context.Request.Headers["apikey"] == AnonKey)
        {
            await ErrorAsync(context, 403, "Unauthorized", "new row violates row-level security policy");
            return;
        }

        if (parts[0] == "upload" && context.Request.Headers["Tus-Resumable"] != "1.0.0")
        {
            await TusErrorAsync(context, 412, "Tus-Resumable Required");
            return;
        }

        await (kind switch
        {
            "GET bucket" => GetBucketAsync(context, parts[1]),
            "POST bucket" => MakeBucketAsync(context),
            "GET object" => GetObjectAsync(context, $"{parts[1]}/{parts[2]}", fault),
            "POST object" => PutObjectAsync(context, $"{parts[1]}/{parts[2]}", fault),
            "POST list" => ListAsync(context, parts[2]),
            "POST move" => MoveAsync(context, fault),
            "DELETE object" => RemoveAsync(context, parts[1], fault),
            "POST upload" => BeginAsync(context, fault),
            "PATCH upload" => PatchAsync(context, parts[2], fault),
            "HEAD upload" => HeadAsync(context, parts[2]),
            _ => ErrorAsync(context, 404, "Not found", "Route not found"),
        });
    }

    private Task GetBucketAsync(HttpContext context, string name) => _buckets.TryGetValue(name, out var isPublic)
        ? context.Response.WriteAsync($$"""{"id":"{{name}}","name":"{{name}}","public":{{(isPublic ? "true" : "false")}}}""")
        : ErrorAsync(context, 404, "Bucket not found", "Bucket not found");

    private async Task MakeBucketAsync(HttpContext context)
    {
        var body = await System.Text.Json.JsonDocument.ParseAsync(context.Request.Body);
        var name = body.RootElement.GetProperty("name").GetString()!;
        if (_buckets.TryAdd(name, body.RootElement.GetProperty("public").GetBoolean()))
        {
            await context.Response.WriteAsync($$"""{"name":"{{name}}"}""");
        }
        else
        {
            await ErrorAsync(context, 409, "Duplicate", "The resource already exists");
        }
    }

    private async Task GetObjectAsync(HttpContext context, string key, StorageFault fault)
    {
        if (!_objects.TryGetValue(key, out var found))
        {
            await ErrorAsync(context, 404, "not_found", "Object not found");
            return;
        }

        var bytes = found.Bytes;
        var from = 0;
        if (context.Request.Headers.Range is [{ } range] && fault != StorageFault.IgnoreRange)
        {
            from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            context.Response.StatusCode = 206;
        }

        context.Response.ContentLength = bytes.Length - from;
        if (fault == StorageFault.CutReply)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(from, (bytes.Length - from) / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(bytes.AsMemory(from));
    }

    private async Task PutObjectAsync(HttpContext context, string key, StorageFault fault)
    {
        if (fault == StorageFault.CutRequest)
        {
            context.Abort();
            return;
        }

        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        if (content.Length > PartLength)
        {
            await ErrorAsync(context, 413, "Payload too large", "The object exceeded the maximum allowed size");
            return;
        }

        await StoreAsync(context, key, content.ToArray(), context.Request.Headers["x-upsert"] == "true", fault);
    }

    private async Task StoreAsync(HttpContext context, string key, byte[] bytes, bool overwrite, StorageFault fault)
    {
        if (!_buckets.ContainsKey(key.Split('/')[0]))
        {
            await ErrorAsync(context, 404, "Bucket not found", "Bucket not found");
            return;
        }

        if (fault == StorageFault.ChangeContent && bytes.Length > 0)
        {
            bytes[0] ^= 1;
        }

        if (!TryStore(key, bytes, overwrite))
        {
            await ErrorAsync(context, 409, "Duplicate", "The resource already exists");
            return;
        }

        if (fault == StorageFault.LoseReply)
        {
            context.Abort();
            return;
        }

        await context.Response.WriteAsync($$"""{"Key":"{{key}}"}""");
    }

    private async Task BeginAsync(HttpContext context, StorageFault fault)
    {
        if (fault == StorageFault.Locked)
        {
            await TusErrorAsync(context, 409, "The resource is locked by another upload");
            return;
        }

        var metadata = context.Request.Headers["Upload-Metadata"].ToString().Split(',').Select(pair => pair.Split(' '))
            .ToDictionary(pair => pair[0], pair => Encoding.UTF8.GetString(Convert.FromBase64String(pair[1])));
        if (!_buckets.ContainsKey(metadata["bucketName"]))
        {
            await ErrorAsync(context, 404, "Bucket not found", "Bucket not found");
            return;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"upload{Interlocked.Increment(ref _uploadCount)}");
        _uploads[id] = new Upload(
            $"{metadata["bucketName"]}/{metadata["objectName"]}",
            long.Parse(context.Request.Headers["Upload-Length"].ToString(), CultureInfo.InvariantCulture),
            context.Request.Headers["x-upsert"] == "true");
        context.Response.StatusCode = 201;
        // As behind a gateway that does not forward its prefix, the server names itself by its inner address.
        context.Response.Headers.Location = $"http://storage:5000/upload/resumable/{id}";
    }

    private async Task PatchAsync(HttpContext context, string id, StorageFault fault)
    {
        if (context.Request.ContentType != "application/offset+octet-stream")
        {
            await TusErrorAsync(context, 403, "Content-Type must be application/offset+octet-stream");
            return;
        }

        if (fault is StorageFault.ForgetUpload or StorageFault.Expire)
        {
            _uploads.TryRemove(id, out _);
        }

        if (fault is StorageFault.Expire or StorageFault.Locked)
        {
            await TusErrorAsync(
                context, fault == StorageFault.Expire ? 410 : 423, fault == StorageFault.Expire ? "The file for this url no longer exists" : "Locked");
            return;
        }

        if (!_uploads.TryGetValue(id, out var upload))
        {
            await TusErrorAsync(context, 404, "The file for this url was not found");
            return;
        }

        // As the real server does, which looks at each part's own header and not at what the upload was begun with.
        if (context.Request.Headers["x-upsert"] != "true" && _objects.ContainsKey(upload.Key))
        {
            await TusErrorAsync(context, 409, "The resource already exists");
            return;
        }

        if (context.Request.Headers["Upload-Offset"] != upload.Content.Length.ToString(CultureInfo.InvariantCulture))
        {
            await TusErrorAsync(context, 409, "Upload-Offset conflict");
            return;
        }

        var expected = Math.Min(PartLength, upload.Length - upload.Content.Length);
        if (context.Request.ContentLength != expected)
        {
            await TusErrorAsync(context, 400, "A part must have 6 MiB");
            return;
        }

        if (fault == StorageFault.CutRequest)
        {
            // Half of the part arrives, then the line is cut.
            var half = new byte[expected / 2];
            await context.Request.Body.ReadExactlyAsync(half);
            upload.Content.Write(half);
            context.Abort();
            return;
        }

        await context.Request.Body.CopyToAsync(upload.Content);
        if (upload.Content.Length == upload.Length)
        {
            var bytes = upload.Content.ToArray();
            if (fault == StorageFault.ChangeContent)
            {
                bytes[0] ^= 1;
            }

            if (!TryStore(upload.Key, bytes, upload.Overwrites))
            {
                await ErrorAsync(context, 409, "Duplicate", "The resource already exists");
                return;
            }
        }

        if (fault == StorageFault.LoseReply)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = 204;
        context.Response.Headers["Upload-Offset"] = upload.Content.Length.ToString(CultureInfo.InvariantCulture);
    }

    private Task HeadAsync(HttpContext context, string id)
    {
        if (_uploads.TryGetValue(id, out var upload))
        {
            context.Response.Headers["Upload-Offset"] = upload.Content.Length.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["Upload-Length"] = upload.Length.ToString(CultureInfo.InvariantCulture);
        }
        else
        {
            context.Response.StatusCode = (int)HttpStatusCode.NotFound;
        }

        return Task.CompletedTask;
    }

    private static async Task ErrorAsync(HttpContext context, int statusCode, string error, string message)
    {
        context.Response.StatusCode = 400;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$"""{"statusCode":"{{statusCode}}","error":"{{error}}","message":"{{message}}"}""");
    }

    private static async Task TusErrorAsync(HttpContext context, int statusCode, string message)
    {
        context.Response.StatusCode = statusCode;
        await context.Response.WriteAsync(message);
    }

    private sealed record Upload(string Key, long Length, bool Overwrites)
    {
        public MemoryStream Content { get; } = new();
    }
}

/// <summary>What goes wrong with a request.</summary>
public enum StorageFault
{
    None,

    /// <summary>503, hidden in a 400.</summary>
    Unavailable,

    /// <summary>Another upload to the same name is under way: 409 at the beginning, 423 at a part.</summary>
    Locked,

    /// <summary>The line is cut while the content arrives.</summary>
    CutRequest,

    /// <summary>The content is stored, and nobody is told.</summary>
    LoseReply,

    /// <summary>The line is cut, and the server does what it was asked for when the test lets it.</summary>
    Late,

    /// <summary>Half of the object arrives at the reader.</summary>
    CutReply,

    /// <summary>The whole object comes instead of the range.</summary>
    IgnoreRange,

    /// <summary>Other bytes than those that were sent are stored.</summary>
    ChangeContent,

    /// <summary>The unfinished upload is unknown: 404.</summary>
    ForgetUpload,

    /// <summary>The unfinished upload was too old: 410.</summary>
    Expire,
}

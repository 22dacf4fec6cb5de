using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.OpenTelemetry;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.OpenTelemetry;

/// <summary>
/// The answer to an OTLP request in the form of the request: an <c>Export…ServiceResponse</c>, with what was refused as a partial success,
/// or a <c>google.rpc.Status</c>.
/// </summary>
internal sealed class OtlpAnswer : IResult
{
    private const int InvalidArgument = 3;
    private const int Unavailable = 14;

    private readonly OtlpEncoding _encoding;
    private readonly int _status;
    private readonly string? _message;
    private readonly long _rejected;
    private readonly string _rejectedName;
    private readonly TimeSpan? _retryAfter;

    private OtlpAnswer(OtlpEncoding encoding, int status, string? message, long rejected = 0, string rejectedName = "", TimeSpan? retryAfter = null)
    {
        _encoding = encoding;
        _status = status;
        _message = message;
        _rejected = rejected;
        _rejectedName = rejectedName;
        _retryAfter = retryAfter;
    }

    /// <summary>What was taken, how many records were refused, and what else there is to say: none refused and a message is a warning.</summary>
    public static OtlpAnswer Taken(OtlpEncoding encoding, OtlpOutcome outcome, string rejectedName) =>
        new(encoding, StatusCodes.Status200OK, outcome.Message, outcome.Rejected, rejectedName);

    /// <summary>A request that can never succeed.</summary>
    public static OtlpAnswer Refused(OtlpEncoding encoding, int status, string message) => new(encoding, status, message);

    /// <summary>A request to be sent again later.</summary>
    public static OtlpAnswer Later(OtlpEncoding encoding, string message, TimeSpan retryAfter) =>
        new(encoding, StatusCodes.Status503ServiceUnavailable, message, retryAfter: retryAfter);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = _status;
        response.ContentType = OtlpBody.MediaTypeOf(_encoding);
        if (_retryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var body = _encoding == OtlpEncoding.Json ? ToJson() : ToProtobuf();
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted).ConfigureAwait(false);
    }

    private int RpcCode => _status == StatusCodes.Status503ServiceUnavailable ? Unavailable : InvalidArgument;

    private byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (_status >= 400)
            {
                json.WriteNumber("code", RpcCode);
                json.WriteString("message", _message);
            }
            else if (_rejected > 0 || _message is not null)
            {
                json.WriteStartObject("partialSuccess");
                json.WriteString(_rejectedName, _rejected.ToString(CultureInfo.InvariantCulture));
                json.WriteString("errorMessage", _message);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    // Status: code = 1, message = 2. Export…ServiceResponse: partial_success = 1 with the count = 1 and the message = 2.
    private byte[] ToProtobuf()
    {
        var content = new List<byte>();
        if (_status < 400 && _rejected == 0 && _message is null)
        {
            return [];
        }

        content.Add(1 << 3);
        AddVarint(content, (ulong)(_status >= 400 ? RpcCode : _rejected));
        AddText(content, 2, Encoding.UTF8.GetBytes(_message ?? ""));
        if (_status >= 400)
        {
            return [.. content];
        }

        var whole = new List<byte>();
        AddText(whole, 1, [.. content]);
        return [.. whole];
    }

    private static void AddText(List<byte> target, int field, byte[] bytes)
    {
        target.Add((byte)((field << 3) | 2));
        AddVarint(target, (ulong)bytes.Length);
        target.AddRange(bytes);
    }

    private static void AddVarint(List<byte> target, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            target.Add((byte)(value | 0x80));
        }

        target.Add((byte)value);
    }
}

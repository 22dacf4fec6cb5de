using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>That a call failed, and how its attributes say so.</summary>
/// <param name="Type">The class of the failure: <c>error.type</c>, the exception's type, or <c>http &lt;status&gt;</c>; null when not named.</param>
/// <param name="Message">The failure's own words, or null.</param>
/// <param name="HttpStatus">The HTTP status when it is 400 or above, or null.</param>
/// <param name="Pointer">The JSON pointer into the attributes where the failure is said.</param>
public sealed record SpanFailure(string? Type, string? Message, int? HttpStatus, string Pointer)
{
    private static readonly KnownMember[] StatusMembers = ["status", "otel.status_code", "status_code"];
    private static readonly KnownMember[] HttpMembers = ["http.response.status_code", "http.status_code", "http_status", "status_code"];
    private static readonly KnownMember[] TypeMembers = ["error.type", "exception.type", "error_type"];
    private static readonly KnownMember[] MessageMembers =
        ["error.message", "exception.message", "otel.status_description", "status_message", "error_message", "message"];

    // All but HTTP's, of which status_code is one of both.
    private static readonly KnownMember[] OtherTelling = [.. StatusMembers, .. TypeMembers, "error", "exception.message"];
    private static readonly FrozenSet<int> Tells =
        OtherTelling.Concat(HttpMembers).Append("events").Select(static member => member.Text.Length).ToFrozenSet();

    /// <summary>
    /// Reads a failure from a span's attributes: <c>status</c> or <c>otel.status_code</c> = error, <c>error</c>, <c>error.type</c>,
    /// <c>exception.*</c>, an HTTP status of 400 or above, or an event of the name <c>exception</c> or of severity error.
    /// </summary>
    /// <param name="attributes">The span's attributes.</param>
    /// <returns>The failure, or null when nothing says that the call failed.</returns>
    public static SpanFailure? Read(JsonElement attributes)
    {
        if (attributes.ValueKind != JsonValueKind.Object || !MayFail(attributes))
        {
            return null;
        }

        string? pointer = null;
        string? type = null;
        string? message = null;
        int? http = null;
        // Members are asked for in a fixed order, since a backend may give them back in another one than they came in.
        if (attributes.TryGetProperty("error"u8, out var error))
        {
            ReadError(error, ref pointer, ref type, ref message);
        }

        foreach (var name in TypeMembers)
        {
            if (attributes.TryGetProperty(name.Utf8, out var value) && Text(value) is { Length: > 0 } word)
            {
                type ??= word;
                pointer ??= Place(name.Text);
            }
        }

        if (attributes.TryGetProperty("exception.message"u8, out var said) && Text(said) is { Length: > 0 })
        {
            pointer ??= Place("exception.message");
        }

        foreach (var name in HttpMembers)
        {
            if (attributes.TryGetProperty(name.Utf8, out var value) && HttpStatusOf(value) is { } status)
            {
                http ??= status;
                pointer ??= Place(name.Text);
            }
        }

        foreach (var name in StatusMembers)
        {
            if (attributes.TryGetProperty(name.Utf8, out var value) && IsErrorWord(value))
            {
                pointer ??= Place(name.Text);
            }
        }

        if (attributes.TryGetProperty("events"u8, out var events) && events.ValueKind == JsonValueKind.Array)
        {
            ReadEvents(events, ref pointer, ref type, ref message);
        }

        if (pointer is null)
        {
            return null;
        }

        var isDescription = message is null;
        message ??= DescriptionIn(attributes);
        var isDerived = type is null;
        type ??= http is { } code ? string.Create(CultureInfo.InvariantCulture, $"http {code}") : null;
        return new SpanFailure(type, message, http, pointer) { IsTypeDerived = isDerived, IsMessageDescription = isDescription };
    }

    // Not within the method above: what a lambda captures would be made for each span, failed or not.
    private static string? DescriptionIn(JsonElement attributes) => MessageMembers
        .Select(name => attributes.TryGetProperty(name.Utf8, out var value) ? Text(value) : null)
        .FirstOrDefault(static text => !string.IsNullOrWhiteSpace(text));

    /// <summary>Whether no attribute or event names the type, so that an event which comes as a log record may.</summary>
    internal bool IsTypeDerived { get; init; }

    /// <summary>Whether the words are those of an attribute that an event's words come before.</summary>
    internal bool IsMessageDescription { get; init; }

    // Nearly every span went well, and is done with after one walk over its members instead of one for each that may tell of a failure.
    private static bool MayFail(JsonElement attributes)
    {
        foreach (var member in attributes.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(member);
            if (name.Contains((byte)'\\') || (Tells.Contains(name.Length) && MayTell(name, member.Value)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayTell(ReadOnlySpan<byte> name, JsonElement value)
    {
        if (name.SequenceEqual("events"u8))
        {
            return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0;
        }

        foreach (var http in HttpMembers)
        {
            if (name.SequenceEqual(http.Utf8) && (value.ValueKind != JsonValueKind.Number || HttpStatusOf(value) is not null))
            {
                return true;
            }
        }

        foreach (var other in OtherTelling)
        {
            if (name.SequenceEqual(other.Utf8))
            {
                return true;
            }
        }

        return false;
    }

    private static void ReadError(JsonElement error, ref string? pointer, ref string? type, ref string? message)
    {
        switch (error.ValueKind)
        {
            case JsonValueKind.True:
                pointer ??= "/error";
                break;
            case JsonValueKind.String when error.GetString() is { Length: > 0 } text && !text.Equals("false", StringComparison.OrdinalIgnoreCase):
                pointer ??= "/error";
                message ??= text.Equals("true", StringComparison.OrdinalIgnoreCase) ? null : text;
                break;
            case JsonValueKind.Object:
                pointer ??= "/error";
                type ??= Member(error, "type") ?? Member(error, "code") ?? Member(error, "name");
                message ??= Member(error, "message");
                break;
        }
    }

    private static void ReadEvents(JsonElement events, ref string? pointer, ref string? type, ref string? message)
    {
        var index = 0;
        foreach (var item in events.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && IsErrorEvent(item))
            {
                pointer ??= string.Create(CultureInfo.InvariantCulture, $"/events/{index}");
                var detail = item.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object
                    ? attributes : item;
                type ??= Member(detail, "exception.type") ?? Member(item, "exception.type");
                message ??= Member(detail, "exception.message") ?? Member(item, "message");
            }

            index++;
        }
    }

    private static bool IsErrorEvent(JsonElement item) =>
        Member(item, "name") is "exception"
        || Member(item, "severity") is { } severity
            && (severity.StartsWith("err", StringComparison.OrdinalIgnoreCase) || severity.StartsWith("fatal", StringComparison.OrdinalIgnoreCase)
                || severity.StartsWith("crit", StringComparison.OrdinalIgnoreCase));

    private static bool IsErrorWord(JsonElement value) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString() is { } word
                && (word.Equals("error", StringComparison.OrdinalIgnoreCase) || word.Equals("STATUS_CODE_ERROR", StringComparison.OrdinalIgnoreCase)
                    || word.Equals("failed", StringComparison.OrdinalIgnoreCase) || word.Equals("timeout", StringComparison.OrdinalIgnoreCase))
            : value.ValueKind == JsonValueKind.Object && value.TryGetProperty("code", out var code) && IsErrorWord(code);

    private static int? HttpStatusOf(JsonElement value)
    {
        var status = JsonNumbers.TryGetWhole(value, out int number) ? number
            : value.ValueKind == JsonValueKind.String
                && int.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        return status is >= 400 and <= 599 ? status : null;
    }

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Member(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member)
            ? member.ValueKind switch
            {
                JsonValueKind.String => member.GetString(),
                JsonValueKind.Number => CanonicalJson.TextOf(member),
                _ => null,
            }
            : null;

    private static string Place(string name) => new JsonProblem("", "").Within(name).Pointer;

    // A million spans are asked for each of them.
    private sealed class KnownMember(string text)
    {
        private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);

        public string Text => text;

        public ReadOnlySpan<byte> Utf8 => _utf8;

        public static implicit operator KnownMember(string text) => new(text);
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Reads whether a span failed and which service it ran in, and passes over the rest of its attributes.</summary>
internal static class SpanGlance
{
    // Every way that SpanFailure reads a failure from has one of these in the name of a member.
    private static readonly string[] Telling =
        ["error", "error.type", "exception.type", "error_type", "exception.message", "http.response.status_code", "http.status_code", "http_status", "status_code", "status", "otel.status_code", "events"];

    /// <summary>Whether the attributes say that the call failed, and the service that they name, as UTF-8; empty when they name none.</summary>
    public static (bool Failed, ReadOnlyMemory<byte> Service) Read(Span span)
    {
        var attributes = span.Attributes;
        if (attributes.ValueKind != JsonValueKind.Object || attributes.GetPropertyCount() == 0)
        {
            return default;
        }

        var (mayFail, service) = Scan(JsonMarshal.GetRawUtf8Value(attributes));
        return (mayFail && SpanFailure.Read(attributes) is not null, service);
    }

    private static (bool MayFail, byte[] Service) Scan(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 1_000 });
        var mayFail = false;
        byte[] service = [], plain = [], sender = [];
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTelling = !mayFail && IsTelling(ref reader);
            var isService = JsonRules.TextEquals(ref reader, "service.name");
            var isPlain = !isService && JsonRules.TextEquals(ref reader, "service");
            var isResource = !isService && !isPlain && JsonRules.TextEquals(ref reader, "resource");
            reader.Read();
            mayFail |= isTelling && Tells(ref reader);
            if ((isService || isPlain) && reader.TokenType == JsonTokenType.String)
            {
                (service, plain) = isService ? (NameAt(ref reader), plain) : (service, NameAt(ref reader));
            }
            else if (isResource && reader.TokenType == JsonTokenType.StartObject)
            {
                sender = SenderIn(ref reader);
                continue;
            }

            reader.Skip();
        }

        return (mayFail, service.Length > 0 ? service : plain.Length > 0 ? plain : sender);
    }

    // What sent a span of OpenTelemetry: service.name of its resource.
    private static byte[] SenderIn(ref Utf8JsonReader reader)
    {
        byte[] sender = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isService = JsonRules.TextEquals(ref reader, "service.name");
            reader.Read();
            sender = isService && reader.TokenType == JsonTokenType.String ? NameAt(ref reader) : sender;
            reader.Skip();
        }

        return sender;
    }

    private static byte[] NameAt(ref Utf8JsonReader reader)
    {
        var name = new byte[reader.ValueSpan.Length];
        Array.Resize(ref name, reader.CopyString(name));
        return name;
    }

    private static bool IsTelling(ref Utf8JsonReader reader)
    {
        foreach (var name in Telling)
        {
            if (JsonRules.TextEquals(ref reader, name))
            {
                return true;
            }
        }

        return false;
    }

    // A status of 200, "OK" or false says nothing; whether the rest does is for SpanFailure to say.
    private static bool Tells(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => !reader.TryGetInt32(out var number) || number >= 400,
        JsonTokenType.String => !reader.ValueTextEquals("ok"u8) && !reader.ValueTextEquals("OK"u8) && !reader.ValueTextEquals("UNSET"u8)
            && !reader.ValueTextEquals("STATUS_CODE_UNSET"u8) && !reader.ValueTextEquals("STATUS_CODE_OK"u8) && !reader.ValueTextEquals("200"u8),
        JsonTokenType.False or JsonTokenType.Null => false,
        _ => true,
    };
}

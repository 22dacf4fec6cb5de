using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Reads whether a span failed and which service it ran in out of the text of its attributes, and passes over the rest.</summary>
internal static class SpanGlance
{
    // Every way that SpanFailure reads a failure from has one of these in the name of a member.
    private static readonly string[] Telling =
        ["error", "error.type", "exception.type", "error_type", "exception.message", "http.response.status_code", "http.status_code", "http_status", "status_code", "status", "otel.status_code", "events"];

    // What a store kept can be read back, whatever the bound of the reader that accepted it.
    private static readonly JsonDocumentOptions Stored = new() { MaxDepth = 1_000 };

    // A bit for each length that a name of interest has.
    private static readonly ulong Lengths = Telling.Concat(["service.name", "service", "resource"]).Aggregate(0UL, static (bits, name) => bits | (1UL << name.Length));

    /// <summary>Whether the attributes say that the call failed, and the service that they name, as UTF-8; empty when they name none.</summary>
    /// <param name="utf8">The attributes: the JSON of an object.</param>
    public static (bool Failed, byte[] Service) Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length <= 2 || utf8[0] != '{')
        {
            return (false, []);
        }

        try
        {
            var (mayFail, service) = Scan(utf8);
            return (mayFail && SpanFailure.Read(JsonElement.Parse(utf8, Stored)) is not null, service);
        }
        catch (JsonException)
        {
            // Somebody changed it behind the store. The call is drawn all the same; the check of its bytes tells what happened to it.
            return (false, []);
        }
    }

    // The first run of a million rows must not wait until the runtime has seen that it is a loop.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (bool MayFail, byte[] Service) Scan(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 1_000 });
        var mayFail = false;
        byte[] service = [], plain = [], sender = [];
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueIsEscaped && (reader.ValueSpan.Length > 63 || (Lengths & (1UL << reader.ValueSpan.Length)) == 0))
            {
                reader.Read();
                reader.Skip();
                continue;
            }

            var isTelling = !mayFail && IsTelling(ref reader);
            var isService = !isTelling && JsonRules.TextEquals(ref reader, "service.name");
            var isPlain = !isTelling && !isService && JsonRules.TextEquals(ref reader, "service");
            var isResource = !isTelling && !isService && !isPlain && JsonRules.TextEquals(ref reader, "resource");
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
        try
        {
            var name = new byte[reader.ValueSpan.Length];
            Array.Resize(ref name, reader.CopyString(name));
            return name;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair names nothing.
            return [];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsTelling(ref Utf8JsonReader reader)
    {
        foreach (var name in Telling)
        {
            if ((reader.ValueIsEscaped || reader.ValueSpan.Length == name.Length) && JsonRules.TextEquals(ref reader, name))
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

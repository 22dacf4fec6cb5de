using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>The object around a wrapped array of spans.</summary>
internal static class SpanEnvelope
{
    internal enum Finding
    {
        /// <summary>An array of spans starts after the bytes consumed.</summary>
        Wrapped,

        /// <summary>It is an object without the member, so it is a span itself.</summary>
        NotWrapped,

        /// <summary>The member is there but is no array, or is there once more.</summary>
        NotAnArray,

        /// <summary>A member was passed over.</summary>
        Skipped,

        /// <summary>The object ends here.</summary>
        End,

        NeedsBytes,

        Malformed,
    }

    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonRules.MaxDocumentDepth };

    /// <summary>Looks for the member in an object that starts with the first byte.</summary>
    public static Finding FindSpans(ReadOnlySpan<byte> utf8, bool isFinal, out int consumed, out JsonFailure? failure)
    {
        consumed = 0;
        failure = null;
        var reader = new Utf8JsonReader(utf8, isFinal, new JsonReaderState(Options));
        try
        {
            reader.Read();
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.EndObject)
                {
                    return Finding.NotWrapped;
                }

                var isSpans = JsonRules.TextEquals(ref reader, "spans");
                if (!reader.Read())
                {
                    break;
                }

                if (isSpans)
                {
                    consumed = (int)reader.BytesConsumed;
                    return reader.TokenType == JsonTokenType.StartArray ? Finding.Wrapped : Finding.NotAnArray;
                }

                if (!reader.TrySkip())
                {
                    break;
                }
            }

            return Finding.NeedsBytes;
        }
        catch (JsonException exception)
        {
            failure = JsonFailure.Of(exception);
            return Finding.Malformed;
        }
    }

    /// <summary>Passes over one member after the array: a comma, a name and a value; or finds the object's end.</summary>
    public static Finding SkipMember(ReadOnlySpan<byte> utf8, bool isFinal, out int consumed, out JsonFailure? failure)
    {
        consumed = 0;
        failure = null;
        if (utf8[0] == '}')
        {
            return Finding.End;
        }

        if (utf8[0] != ',')
        {
            failure = new JsonFailure(0, "A comma or the end of the object is expected after the spans.");
            return Finding.Malformed;
        }

        try
        {
            var name = new Utf8JsonReader(utf8[1..], isFinal, new JsonReaderState(Options));
            if (!name.Read())
            {
                return Finding.NeedsBytes;
            }

            if (name.TokenType != JsonTokenType.String)
            {
                failure = new JsonFailure(0, "A member's name is expected after the comma.");
                return Finding.Malformed;
            }

            if (JsonRules.TextEquals(ref name, "spans"))
            {
                return Finding.NotAnArray;
            }

            var rest = utf8[(1 + (int)name.BytesConsumed)..];
            var colon = rest.IndexOfAnyExcept(" \t\r\n"u8);
            if (colon < 0 && !isFinal)
            {
                return Finding.NeedsBytes;
            }

            if (colon < 0 || rest[colon] != ':')
            {
                failure = new JsonFailure(0, "A colon is expected after a member's name.");
                return Finding.Malformed;
            }

            var value = new Utf8JsonReader(rest[(colon + 1)..], isFinal, new JsonReaderState(Options));
            if (!value.Read() || !value.TrySkip() || (!isFinal && value.BytesConsumed == rest.Length - colon - 1))
            {
                return Finding.NeedsBytes;
            }

            consumed = utf8.Length - rest.Length + colon + 1 + (int)value.BytesConsumed;
            return Finding.Skipped;
        }
        catch (JsonException exception)
        {
            failure = JsonFailure.Of(exception);
            return Finding.Malformed;
        }
    }
}

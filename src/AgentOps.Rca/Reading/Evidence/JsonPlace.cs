using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Reading;

/// <summary>Finds where the value that a JSON pointer leads to stands in the bytes of a document.</summary>
internal static class JsonPlace
{
    /// <summary>The bytes of the value, quotes of a text included; null when the pointer leads nowhere or the bytes are no JSON.</summary>
    /// <param name="utf8">The document.</param>
    /// <param name="pointer">The pointer (RFC 6901).</param>
    public static ByteRange? Find(ReadOnlySpan<byte> utf8, string pointer)
    {
        if (pointer.Length > 0 && pointer[0] != '/')
        {
            return null;
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = JsonRules.MaxDocumentDepth });
        try
        {
            if (!reader.Read())
            {
                return null;
            }

            foreach (var step in pointer.Split('/').Skip(1))
            {
                if (!Enter(ref reader, step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
                {
                    return null;
                }
            }

            var start = reader.TokenStartIndex;
            reader.Skip();
            return new ByteRange(start, reader.BytesConsumed - start);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Stands on the value of the member or the element afterwards.
    private static bool Enter(ref Utf8JsonReader reader, string step)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = JsonRules.TextEquals(ref reader, step);
                reader.Read();
                if (isIt)
                {
                    return true;
                }

                reader.Skip();
            }

            return false;
        }

        if (reader.TokenType != JsonTokenType.StartArray || !int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var left))
        {
            return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (left-- == 0)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}

using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>How values that SQLite has no type for lie in its columns.</summary>
internal static class SqliteText
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    // What was accepted can be read back, whatever the bound of the reader that accepted it.
    private static readonly JsonDocumentOptions StoredJson = new() { MaxDepth = 1_000 };

    public static string FromTime(DateTimeOffset time) => time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture);

    public static DateTimeOffset ToTime(string text) => DateTimeOffset.ParseExact(
        text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>JSON as it was written; a statement makes a text of it with <c>CAST(? AS TEXT)</c>.</summary>
    public static byte[] ToUtf8(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).ToArray();

    public static JsonElement ToJson(byte[] utf8) => utf8.AsSpan().SequenceEqual("{}"u8) ? JsonRules.EmptyObject : JsonRules.ParseKept(utf8, StoredJson);

    /// <summary>Texts as a JSON array, for <c>json_each</c>: one parameter holds as many as there are.</summary>
    public static string ToJsonArray(IReadOnlyCollection<string> texts)
    {
        var buffer = new ArrayBufferWriter<byte>(texts.Count * 48);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a span's attributes as the UTF-8 that they are: nearly none of a million are looked into. None where none were asked for.</summary>
    public static RecordJson GetAttributes(this SqliteDataReader reader, int column, out int length)
    {
        if (reader.IsDBNull(column))
        {
            length = 0;
            return RecordJson.Empty;
        }

        var utf8 = reader.GetFieldValue<byte[]>(column);
        length = utf8.Length;
        return RecordJson.OfStored(utf8);
    }

    public static string? GetTextOrNull(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

using System.Globalization;
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

    public static string FromJson(JsonElement json) => json.GetRawText();

    public static JsonElement ToJson(string text) => text == "{}" ? JsonRules.EmptyObject : JsonElement.Parse(text, StoredJson);

    public static string? GetTextOrNull(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

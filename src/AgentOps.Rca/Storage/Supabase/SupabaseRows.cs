using System.Text.Json;
using AgentOps.Rca.Json;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase;

/// <summary>Reads columns that several tables have.</summary>
internal static class SupabaseRows
{
    /// <summary>A time, as UTC. A column without a time zone, as some older tables have, holds UTC too.</summary>
    public static DateTimeOffset ReadTime(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal)
            ? DateTimeOffset.UnixEpoch
            : new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(ordinal), DateTimeKind.Utc));

    /// <summary>A JSON object from its text.</summary>
    public static JsonElement ReadObject(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) || reader.GetString(ordinal) is not { Length: > 2 } text ? JsonRules.EmptyObject : JsonElement.Parse(text);

    /// <summary>A text that may be null.</summary>
    public static string? ReadText(NpgsqlDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
}

using System.Text.Json;
using AgentOps.Rca.Json;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>Reads columns that several tables have.</summary>
internal static class SupabaseRows
{
    /// <summary>A time, as UTC. A column without a time zone, as some older tables have, holds UTC too.</summary>
    public static DateTimeOffset ReadTime(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal)
            ? DateTimeOffset.UnixEpoch
            : new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(ordinal), DateTimeKind.Utc));

    /// <summary>The column, with infinity and the years that .NET has not replaced by the last and the first time that it has.</summary>
    public const string CreatedTs = "greatest(least(created_ts, '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00')";

    /// <summary>A JSON object from its text.</summary>
    public static JsonElement ReadObject(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) || reader.GetString(ordinal) is not { Length: > 0 } text ? JsonRules.EmptyObject : StoredObject.Read(text);

    /// <summary>A number, or null where none is or where JSON has no form for it.</summary>
    public static double? ReadNumber(NpgsqlDataReader reader, int ordinal) =>
        !reader.IsDBNull(ordinal) && reader.GetDouble(ordinal) is var number && double.IsFinite(number) ? number : null;

    /// <summary>A text that may be null.</summary>
    public static string? ReadText(NpgsqlDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
}

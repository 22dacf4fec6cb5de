using System.Text.Json;
using AgentOps.Rca.Artifacts;
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

    /// <summary>Says of rows that were not added what they are beside those that are stored.</summary>
    /// <exception cref="StoreUnavailableException">One is neither added nor there.</exception>
    public static void Compare(IReadOnlyList<Artifact> rows, IEnumerable<Artifact> stored, Dictionary<ArtifactDigest, WriteOutcome> outcomes)
    {
        var lengths = stored.ToDictionary(static row => row.Digest, static row => row.Length);
        foreach (var row in rows)
        {
            if (!outcomes.ContainsKey(row.Digest))
            {
                outcomes[row.Digest] = !lengths.TryGetValue(row.Digest, out var length) ? throw SupabaseIncidentStore.HiddenRows("artifacts")
                    : length == row.Length ? WriteOutcome.Duplicate : WriteOutcome.Conflict;
            }
        }
    }

    /// <summary>A text that may be null.</summary>
    public static string? ReadText(NpgsqlDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
}

using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>Reads what a key says of itself; whether that is true, the server decides.</summary>
internal static class SupabaseKey
{
    /// <summary>The role in a key that is a token, or null.</summary>
    public static string? ReadRole(string key)
    {
        var parts = key.Split('.');
        if (parts.Length != 3)
        {
            return null;
        }

        try
        {
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromUtf8(Encoding.UTF8.GetBytes(parts[1])));
            return payload.RootElement.ValueKind == JsonValueKind.Object && payload.RootElement.TryGetProperty("role", out var role)
                ? role.GetString() : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Identity;

/// <summary>An actor as attributes of spans hold it.</summary>
internal static class ActorJson
{
    private const string Name = "name";
    private const string Authenticated = "authenticated";
    private const string Scheme = "scheme";
    private const string Key = "key";

    public static void Write(Utf8JsonWriter writer, Actor actor)
    {
        writer.WriteStartObject();
        writer.WriteString(Name, actor.Name);
        writer.WriteBoolean(Authenticated, actor.Authenticated);
        if (actor.Scheme is not null)
        {
            writer.WriteString(Scheme, actor.Scheme);
        }

        if (actor.Key is not null)
        {
            writer.WriteString(Key, actor.Key);
        }

        writer.WriteEndObject();
    }

    public static Actor? Read(JsonElement value) => value.ValueKind != JsonValueKind.Object ? null : new Actor(value.TextOf(Name))
    {
        Authenticated = value.TryGetProperty(Authenticated, out var proven) && proven.ValueKind == JsonValueKind.True,
        Scheme = value.TextOf(Scheme),
        Key = value.TextOf(Key),
    };
}

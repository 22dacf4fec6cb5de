using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.Artifacts;

internal sealed class ArtifactDigestJsonConverter : JsonConverter<ArtifactDigest>
{
    public override ArtifactDigest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ArtifactDigest.TryParse(reader.GetString(), out var digest)
            ? digest
            : throw new JsonException("A digest is the 64 hexadecimal digits of a SHA-256.");

    public override void Write(Utf8JsonWriter writer, ArtifactDigest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

using System.Text.Json;
using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Json;

/// <summary>Writes the JSON of a record as it lies in the store, without parsing it (<see cref="RecordJsonWriting"/>).</summary>
internal sealed class RecordJsonConverter : JsonConverter<RecordJson>
{
    public override RecordJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => RecordJson.Of(JsonElement.ParseValue(ref reader));

    public override void Write(Utf8JsonWriter writer, RecordJson value, JsonSerializerOptions options) => new RecordJsonWriting(value).WriteAll(writer);
}

using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Recording;

/// <summary>What the span of a run says of it.</summary>
/// <param name="Agent">The agent's name.</param>
/// <param name="Subject">What the run is for, or null.</param>
/// <param name="Others">What the caller adds, or null.</param>
internal sealed record RunAttributes(string Agent, string? Subject, IReadOnlyDictionary<string, object?>? Others)
{
    public const string SubjectName = "agentops.subject";

    // Above it a double, which is what a reader of JSON has, skips numbers.
    private const long MostExactWhole = 1L << 53;

    private const string OperationName = "gen_ai.operation.name";
    private const string AgentName = "gen_ai.agent.name";

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString(OperationName, CallKind.Agent);
        writer.WriteString(AgentName, GenAiAttributes.Storable(Agent));
        if (!string.IsNullOrWhiteSpace(Subject))
        {
            writer.WriteString(SubjectName, GenAiAttributes.Storable(Subject));
        }

        // What the recorder says itself stays as it says it; of two names that are stored alike, the first counts.
        HashSet<string> written = new(StringComparer.Ordinal) { OperationName, AgentName, SubjectName, RecordedKinds.Attribute, RecordedKinds.Sequence, "status", "error.type", "error.message" };
        foreach (var (name, value) in Others ?? new Dictionary<string, object?>())
        {
            var stored = GenAiAttributes.Storable(name);
            if (written.Add(stored))
            {
                writer.WritePropertyName(stored);
                Write(writer, value);
            }
        }
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case sbyte or byte or short or ushort or int or uint:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case long whole when whole is > -MostExactWhole and < MostExactWhole:
                writer.WriteNumberValue(whole);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case float number when float.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case JsonElement json when json.ValueKind != JsonValueKind.Undefined && JsonRules.FindProblem(json) is null:
                json.WriteTo(writer);
                break;
            default:
                writer.WriteStringValue(GenAiAttributes.Storable(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }
}

using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Whether a guardrail stopped the run.</summary>
internal static class Guardrails
{
    private static readonly string[] Flags =
        ["tripwire_triggered", "tripwireTriggered", "triggered", "guardrail.triggered", "gen_ai.guardrail.triggered", "blocked", "flagged", "tripped"];

    public static Fact? TrippedBy(GuardrailStep step, JsonElement attributes)
    {
        foreach (var name in Flags)
        {
            if (IsTrue(attributes, name))
            {
                return new Place(step.Node.SpanId, null, "/attributes").Member(name).Say($"{Words.Name(step.Name)} stopped the run.");
            }

            if (step.Result is { } result && IsTrue(result.Value, name))
            {
                return result.Say($"{Words.Name(step.Name)} stopped the run.", JsonPointers.Step(name), name);
            }
        }

        return step.Node.Failure is { } failure
            ? new Fact(step.Node.FailurePlace.SpanId, $"{Words.Name(step.Name)} ended in an error{(ErrorText.Clean(failure.Message) is { Length: > 0 } words ? $": “{Words.Short(words)}”" : "")}.", step.Node.FailurePlace.Pointer)
            : null;
    }

    private static bool IsTrue(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var flag)
        && (flag.ValueKind == JsonValueKind.True || (flag.ValueKind == JsonValueKind.String && flag.ValueEquals("true")));
}

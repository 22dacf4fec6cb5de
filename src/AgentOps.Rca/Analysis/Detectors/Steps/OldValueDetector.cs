using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A call that was given the former value of something that the run itself had changed before: the old sum insured after the new one was set.</summary>
internal sealed class OldValueDetector : IDetector
{
    private const double Strength = 2.5;
    private static readonly string[] NewValues = ["value", "new_value", "newvalue", "to", "new"];
    private static readonly string[] Fields = ["field", "attribute", "property", "key", "name", "column", "setting"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        var changes = Changes.In(run).SelectMany(call => Set(call).Select(set => (Call: call, set.Name, set.Value))).ToList();
        var names = changes.Select(static change => KeyOf(change.Name)).ToHashSet(StringComparer.Ordinal);
        var told = names.Count == 0 ? null : run.Tools.Where(static tool => tool is { Failure: null, Result.Value.ValueKind: JsonValueKind.Object or JsonValueKind.Array } && !ToolWords.Writes(tool.Tool))
            .SelectMany(static tool => ResultValue.In(tool, tool.Result!.Value)).Where(value => IsLong(value.Value) && names.Contains(KeyOf(value.Name))).ToLookup(static value => KeyOf(value.Name), StringComparer.Ordinal);
        foreach (var change in changes)
        {
            var former = told![KeyOf(change.Name)].Where(value => value.Source.Number < change.Call.Number && !AreEqual(value.Value.ToString(), change.Value)).ToList();
            if (former.Count == 0 || former.DistinctBy(static value => value.Value.ToString()).Count() > 1)
            {
                continue;
            }

            var old = former[^1];
            foreach (var later in Changes.CallsIn(run).Where(call => call.Number > change.Call.Number && call.Tool != change.Call.Tool && SharesRecord(call, change.Call)))
            {
                if (Changes.GivenTo(later).FirstOrDefault(given => KeyOf(given.Name) == KeyOf(change.Name) && AreEqual(given.Value.ToString(), old.Value.ToString())) is { } given
                    && !run.SaidByUsers(later.Asker).Any(text => text.Text.Contains(given.Value.ToString(), StringComparison.Ordinal))
                    && !changes.Exists(again => again.Call.Number > change.Call.Number && again.Call.Number < later.Number && again.Name == change.Name && AreEqual(again.Value, old.Value.ToString())))
                {
                    return [Describe(later, given, old, change.Call, change.Value)];
                }
            }
        }

        return [];
    }

    // What a change sets: a member of its arguments, or what it names as the field and the value.
    private static IEnumerable<(string Name, string Value)> Set(ToolStep call)
    {
        var members = call.Arguments!.Value.EnumerateObject().Where(static member => IsLong(member.Value)).ToList();
        if (members.Find(static member => Array.IndexOf(Fields, member.Name.ToLowerInvariant()) >= 0) is { Value.ValueKind: JsonValueKind.String } field
            && members.Find(static member => Array.IndexOf(NewValues, member.Name.ToLowerInvariant()) >= 0) is { Value.ValueKind: not JsonValueKind.Undefined } value)
        {
            return [(field.Value.GetString()!, value.Value.ToString())];
        }

        return members.Where(static member => ToolWords.Of(member.Name) is not [.., "id" or "number" or "code" or "ref" or "key"]).Select(static member => (member.Name, member.Value.ToString()));
    }

    private static bool IsLong(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number && value.ToString().Length is >= 3 and <= 120;

    private static string KeyOf(string name) => string.Join(' ', ToolWords.Of(name));

    private static bool AreEqual(string one, string other) => one == other || (Quantity.TryNumber(one, out var left) && Quantity.TryNumber(other, out var right) && KnownNumbers.AreSame(left, right));

    private static bool SharesRecord(ToolStep one, ToolStep other) => Identifiers.In(one.Arguments!.Text).Overlaps(Identifiers.In(other.Arguments!.Text));

    private static Finding Describe(ToolStep later, ResultValue given, ResultValue old, ToolStep change, string value)
    {
        var (name, changing) = (StepFindings.Say(later), StepFindings.Say(change));
        return StepFindings.At(
            later.Asker!, "old_value", "wrong_argument", Proof.Causal, Strength,
            $"{StepFindings.Say(later.Asker!)} called {name}{Words.At(later.Node.StartNs)} with {StepFindings.Quote(given.Value.ToString(), 60)} as {Words.Name(given.Name)}, the value from before {changing} had set it to {StepFindings.Quote(value, 60)}{Words.At(change.Node.EndNs)}.",
            [
                later.Arguments!.Say($"{name} was given the former value.", given.Pointer, given.Value.ToString()),
                change.Arguments!.Say($"{changing} had set it before.", "", value),
                old.Say("Where the former value comes from."),
            ],
            $"Read the record again after a change, or have {name} take the value from the record itself.", "old_value", explains: [later]);
    }
}

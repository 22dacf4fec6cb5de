using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>An id in the arguments of a call that nothing had given the model, and that the tool then did not know.</summary>
internal sealed partial class InventedValueDetector : IDetector
{
    private const double Strength = 2.4;
    private static readonly string[] MadeByCallers = ["idempotency", "request", "nonce", "correlation", "trace", "session", "key", "token", "cursor", "query", "text", "body", "message", "content", "code", "expression", "sql"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];

        // What a call was given is little; all that the run had seen before is much, and only read for what the tool did not know or could have known.
        List<(ToolStep Call, (string Name, string Value)[] Given)> calls =
        [
            .. run.Tools.Where(tool => (MethodVersion.IsBefore(5) || tool.Commands.Count == 0) && tool is { Asker: not null, Outcome: not FailureOutcome.Repaired, Arguments.Value.ValueKind: JsonValueKind.Object })
                .Select(call => (call, Given(call).ToArray())).Where(call => call.Item2.Length > 0),
        ];
        var earlier = new EarlierForms(run, calls.SelectMany(call => call.Given).Select(given => given.Name));
        foreach (var (call, given) in calls)
        {
            earlier.MoveTo(call);
            var doubtful = IsRefused(call) ? (MethodVersion.IsBefore(5) ? given : [.. given.Where(value => IsOf(call, value.Name, value.Value) && !IsMended(run, call, value.Name))]) : [.. given.Where(value => MayBeTaken(call) && earlier.Holds(value.Name, value.Value))];
            if (doubtful.Length > 0 && KnownText.Before(run, call) is { IsWhole: true } known && Array.Find(doubtful, value => !IsKnown(value.Value, known)) is { Value: { } } value
                && !findings.Exists(other => other.Cause.Contains(value.Value, StringComparison.Ordinal)))
            {
                findings.Add(Describe(run, call, value.Name, value.Value, known));
            }
        }

        return findings;
    }

    private static bool IsRefused(ToolStep tool) =>
        tool.Failure is { Category: "not_found" or "bad_arguments" or "error" or "access_denied" } || tool.Result is { IsEmpty: true } || (tool.Result is { } result && Nothing().IsMatch(result.Text));

    // What a tool says of another argument says nothing of this one; and a list with nothing in it only tells of what names a record.
    private static bool IsOf(ToolStep call, string name, string value)
    {
        if (call.Failure is null && call.Result is { IsEmpty: true, Value: var result } && (result.ValueKind == JsonValueKind.Array || (result.ValueKind == JsonValueKind.Object && result.GetPropertyCount() > 0)) && !NamesRecord(name))
        {
            return false;
        }

        var words = call.Failure?.Words ?? call.Result?.Text ?? "";
        return words.Contains(value, StringComparison.OrdinalIgnoreCase) || Tells(words, name)
            || !call.Arguments!.Value.EnumerateObject().Any(other => other.Name != name && (Tells(words, other.Name) || (other.Value.ValueKind == JsonValueKind.String && other.Value.GetString() is { Length: >= 3 } text && words.Contains(text, StringComparison.OrdinalIgnoreCase))));
    }

    private static bool NamesRecord(string name) => ToolWords.Of(name).Any(static word => word is "id" or "number" or "no" or "nr" or "num" or "code" or "ref" or "reference" or "sku" or "uuid");

    private static bool Tells(string words, string name) =>
        ToolWords.Of(name).Any(word => word.Length > 3 && word is not ("number" or "code" or "name" or "value") && Regex.IsMatch(words, $@"\b{Regex.Escape(word)}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));

    // The same call found something later, with this very value or with what was looked up meanwhile.
    private static bool IsMended(AgentRun run, ToolStep call, string name) =>
        run.Tools.Any(later => later.Number > call.Number && later.Tool == call.Tool && later is { Failure: null, Result: not null, Arguments.Value.ValueKind: JsonValueKind.Object } && !IsRefused(later)
            && (call.Failure is null || (call.Arguments!.Value.TryGetProperty(name, out var own) && later.Arguments.Value.TryGetProperty(name, out var other) && JsonRules.AreEqual(own, other))));

    // An earlier result has ids of this form under this name, so that is where it should have come from, though the tool took it.
    private static bool MayBeTaken(ToolStep call) =>
        !ToolWords.Of(call.Tool).Any(word => word is "create" or "add" or "insert" or "register" or "open" or "search" or "find");

    private static IEnumerable<(string Name, string Value)> Given(ToolStep call) =>
        from member in call.Arguments!.Value.EnumerateObject()
        where member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number && !Array.Exists(MadeByCallers, word => ToolWords.Of(member.Name).Contains(word))
        from value in member.Value.ValueKind == JsonValueKind.String ? Identifiers.In(member.Value.GetString()!) : NumberIn(member)
        where !Guid.TryParse(value, out _) && (MethodVersion.IsBefore(5) || !CalendarForm.Is(value))
        select (member.Name, value);

    // A number is a name where the argument is called so.
    private static IEnumerable<string> NumberIn(JsonProperty member) =>
        ToolWords.Of(member.Name) is [.., "id" or "number" or "no" or "nr"] && member.Value.GetRawText() is { Length: >= 4 } digits && digits.All(char.IsAsciiDigit) ? [digits] : [];

    // An id may be written in another way than it was given; its longest run of digits must have been seen.
    private static bool IsKnown(string value, KnownText known) =>
        known.Holds(value) || (!MethodVersion.IsBefore(5) && (known.HoldsInGroups(value) || IdRanges.Hold(known, value))) || Digits().Matches(value).Select(match => match.Value).MaxBy(digits => digits.Length) is not { Length: >= 3 } longest || known.Holds(longest);

    private static Finding Describe(AgentRun run, ToolStep call, string name, string value, KnownText known)
    {
        var model = call.Asker!;
        var alike = known.Texts.SelectMany(Identifiers.In).Where(other => EarlierForms.IsAlike(other, value)).Distinct().Take(3).ToList();
        var instead = alike.Count > 0 ? $"; what it had seen is {string.Join(", ", alike.Select(id => Words.Short(id, 40)))}" : "";
        var answer = call.Failure is { Words.Length: > 0 } failure ? StepFindings.Quote(failure.Words, 100) : call.Result is { } result ? StepFindings.Quote(result.Text, 100) : "nothing";
        List<Fact> facts =
        [
            call.Call?.Arguments?.Say($"{StepFindings.Say(model)} gives {Words.Short(value, 60)} as {Words.Short(name, 40)}.", JsonPointers.Step(name), value)
                ?? call.Arguments!.Say($"{StepFindings.Say(call)} was given {Words.Short(value, 60)} as {Words.Short(name, 40)}.", JsonPointers.Step(name), value),
        ];
        if (call.IsRecorded)
        {
            facts.Add(call.Arguments!.Say($"{StepFindings.Say(call)} was given {Words.Short(value, 60)}.", JsonPointers.Step(name), value));
        }

        facts.Add(call.Failure?.Evidence ?? call.Result!.Say($"{StepFindings.Say(call)} {(MethodVersion.IsBefore(5) || Nothing().IsMatch(call.Result!.Text) ? "did not know it" : call.Result.IsEmpty ? "returned nothing for it" : "took it")}."));
        foreach (var source in run.Tools.Where(tool => tool.Number < call.Number && alike.Exists(id => tool.Result?.Text.Contains(id, StringComparison.Ordinal) == true)).Take(1))
        {
            facts.Add(source.Result!.Say($"{StepFindings.Say(source)} had returned {Words.Short(alike[0], 60)}.", "", alike.Find(id => source.Result.Text.Contains(id, StringComparison.Ordinal))));
        }

        return StepFindings.At(
            model, "invented_value", "invented_value", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} called {StepFindings.Say(call)} with the {Words.Short(name, 40)} {Words.Short(value, 60)}, which does not occur in anything that the run had seen before{instead}; the answer was {answer}.",
            facts, $"Have {StepFindings.Say(call)} refuse ids that no earlier call returned, and tell the model to look ids up before it uses them.", "invented_value",
            explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }

    [GeneratedRegex(@"\d+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"^\W{0,3}(?:null|none)\W{0,3}$|not[_ ]?found|\bunknown\b|no such|does not exist|\bno (?:record|entry|match|result)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Nothing();
}

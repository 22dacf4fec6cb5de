using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// One of several records that was cancelled, deleted or sent back, where the user had said nothing that tells one from the other and nobody asked:
/// a result lists them alike, and the user's words name none.
/// </summary>
internal sealed partial class ArbitraryChoiceDetector : IDetector
{
    private const double Strength = 2.1;
    private const int MostItems = 50;
    private static readonly string[] Ending =
        ["archive", "cancel", "clear", "close", "deactivate", "delete", "destroy", "disable", "drop", "erase", "kill", "purge", "reject", "refund", "release", "remove", "return", "revoke", "stop", "suspend", "terminate", "unsubscribe", "void", "wipe", "withdraw"];

    private static readonly string[] States = ["status", "state", "stage", "phase", "type", "kind", "category", "cancellable", "cancelable", "refundable", "returnable", "eligible", "active"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run.Instructions.Any(static text => Preference().IsMatch(text.Text)))
        {
            return [];
        }

        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Asker: not null, Arguments.Value.ValueKind: JsonValueKind.Object, Commands.Count: 0 } && Ends(tool.Tool)))
        {
            // Who ended several of them may have been asked to end them all; and a question may have been answered by a word.
            if (run.Tools.Count(other => other.Tool == call.Tool) == 1 && !HasAsked(run, call) && Of(run, call) is { } found)
            {
                return [found];
            }
        }

        return [];
    }

    private static bool Ends(string tool) => ToolWords.Writes(tool) && ToolWords.Of(tool).Any(static word => Array.IndexOf(Ending, word) >= 0);

    private static bool HasAsked(AgentRun run, ToolStep call) =>
        run.Models.Any(model => model.Number < call.Asker!.Number && model.Said.Any(static said => said.Text.Contains('?', StringComparison.Ordinal)))
        || run.Models.Where(model => model.Number <= call.Asker!.Number).SelectMany(static model => model.Input).Any(static message => message.Role == "assistant" && message.Texts.Any(static text => text.Text.Contains('?', StringComparison.Ordinal)));

    private static Finding? Of(AgentRun run, ToolStep call)
    {
        var said = run.SaidByUsers(call.Asker).ToList();
        if (said.Count == 0)
        {
            return null;
        }

        foreach (var lookup in run.Tools.Where(tool => tool is { Failure: null, Result: not null } && tool.Number < call.Asker!.Number && !ToolWords.Writes(tool.Tool)).Reverse())
        {
            foreach (var list in ResultValue.In(lookup, lookup.Result!.Value).Where(static value => value.Value.ValueKind == JsonValueKind.Array && value.Value.GetArrayLength() is > 1 and <= MostItems))
            {
                var items = list.Value.EnumerateArray().ToList();
                foreach (var given in ResultValue.In(call, call.Arguments!.Value).Where(static value => TextOf(value.Value) is { Length: > 1 }))
                {
                    var chosen = items.FindAll(item => Holds(item, TextOf(given.Value)!));
                    if (chosen is not [var one] || items.FindAll(item => IsLike(item, one)) is not { Count: > 1 } alike)
                    {
                        continue;
                    }

                    // One list is looked at: whatever it leaves open stays open.
                    return NamesNone(run, call, said, list) ? Describe(call, lookup, list, given, alike.Count, said[^1]) : null;
                }
            }
        }

        return null;
    }

    // What the user said beside what is to be done, and to what: anything else may tell which one is meant.
    private static bool NamesNone(AgentRun run, ToolStep call, List<Passage> said, ResultValue list)
    {
        var allowed = ToolWords.Of(call.Tool).Concat(ToolWords.Of(list.Name)).Concat(ToolWords.Of(list.Source.Tool)).Select(Stem).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var searched = string.Join('\n', run.Tools.Where(tool => tool.Number < call.Number && tool.Arguments is not null).Select(static tool => tool.Arguments!.Text));
        return said.All(text => Word().Matches(text.Text).All(match =>
            Fillers().IsMatch(match.Value) || allowed.Contains(Stem(match.Value)) || Array.Exists(Ending, ending => Stem(ending) == Stem(match.Value)) || searched.Contains(match.Value, StringComparison.OrdinalIgnoreCase)));
    }

    private static string Stem(string word)
    {
        var lower = word.ToLowerInvariant();
        foreach (var ending in (string[])["lation", "ing", "led", "ed", "s", "e"])
        {
            if (lower.Length > ending.Length + 3 && lower.EndsWith(ending, StringComparison.Ordinal))
            {
                return lower[..^ending.Length].TrimEnd('l');
            }
        }

        return lower.TrimEnd('l');
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static bool Holds(JsonElement item, string text) =>
        item.ValueKind == JsonValueKind.Object ? item.EnumerateObject().Any(member => TextOf(member.Value) == text) : TextOf(item) == text;

    // In the same state, and as complete: what can still be ended and what cannot are told apart by these.
    private static bool IsLike(JsonElement item, JsonElement chosen)
    {
        if (item.ValueKind != JsonValueKind.Object || chosen.ValueKind != JsonValueKind.Object)
        {
            return item.ValueKind == chosen.ValueKind;
        }

        return item.EnumerateObject().Count() == chosen.EnumerateObject().Count() && chosen.EnumerateObject().All(member => item.TryGetProperty(member.Name, out var other)
            && (other.ValueKind == member.Value.ValueKind)
            && (!Array.Exists(States, state => member.Name.EndsWith(state, StringComparison.OrdinalIgnoreCase)) || TextOf(other) == TextOf(member.Value)));
    }

    private static Finding Describe(ToolStep call, ToolStep lookup, ResultValue list, ResultValue given, int alike, Passage user)
    {
        var (name, text) = (StepFindings.Say(call), Words.Short(TextOf(given.Value)!, 60));
        return StepFindings.At(
            call.Asker!, "arbitrary_choice", "unwanted_change", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {name}{Words.At(call.Node.StartNs)} with {text} as {Words.Name(given.Name)}, one of {alike} that {StepFindings.Say(lookup)} had listed alike: nothing that the user had said ({StepFindings.Quote(user.Text, 120)}) tells which was meant, and nobody asked.",
            [
                call.Arguments!.Say($"{name} was given {text}.", given.Pointer, TextOf(given.Value)),
                lookup.Result!.Say($"{StepFindings.Say(lookup)} had listed {alike} in the same state.", list.Pointer),
                user.Say("What the user had said."),
            ],
            $"Have the agent ask which one is meant where several fit, before {name} is called.", "arbitrary_choice", explains: [call]);
    }

    [GeneratedRegex(@"\p{L}[\p{L}\p{M}\p{N}'’_-]*|\d[\w.,/:-]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    // Who says no more than this has said nothing of which one.
    [GeneratedRegex(@"^(?:a|an|the|my|our|me|i|we|you|it|its|this|that|to|for|of|on|in|with|and|is|be|am|are|was|please|pls|hi|hello|hey|dear|thanks|thank|kindly|just|can|could|would|will|want|need|like|i[’']d|i[’']m|i[’']ve|have|has|had|help|so|now|asap|immediately|right|away|today|back|don[’']t|do|not|no|longer|any|more|anymore|it[’']s|changed|mind|because|since|decided|must|should|go|ahead|get|got|make|made|placed|booked|bought|account|customer|money|there|good|morning|afternoon|evening)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Fillers();

    // An instruction may say which one is meant where nobody does.
    [GeneratedRegex(@"\b(?:most recent|latest|newest|oldest|earliest|last one|first one|by default|cheapest|most expensive)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Preference();
}

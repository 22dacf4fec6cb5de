using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>What was to be moved or changed was cancelled or deleted instead: nobody had asked for that, and nothing took its place.</summary>
internal sealed partial class UnaskedRemovalDetector : IDetector
{
    private const double Strength = 2.3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var removed = run.Tools.FirstOrDefault(static tool => tool is { Failure: null, IsHandoff: false, Commands.Count: 0, Arguments: not null } && ToolWords.Of(tool.Tool) is { Count: > 1 } words && Removes(words[0]));
        if (removed is null || run.Tools.Any(static tool => tool.Failure is null && ToolWords.Of(tool.Tool).Any(Makes)))
        {
            return [];
        }

        var said = run.SaidByUsers().ToList();
        var (asked, words) = said.Select(static text => (Text: text, Match: AsksToKeep().Match(text.Text))).FirstOrDefault(static pair => pair.Match.Success);
        return asked is null || said.Exists(static text => SpeaksOfRemoval().IsMatch(text.Text)) || !IsAboutIt(asked.Text, removed) ? [] : [Describe(run, removed, asked, words!.Value)];
    }

    // Where the user named a record it is that one.
    private static bool IsAboutIt(string asked, ToolStep removed) => Identifiers.In(asked) is not { Count: > 0 } named || removed.Targets.Overlaps(named);

    private static bool Removes(string verb) => verb is "cancel" or "delete" or "remove" or "terminate" or "revoke" or "close" or "deactivate" or "drop" or "purge" or "erase" or "wipe";

    // To cancel and to book anew is a way to move.
    private static bool Makes(string verb) =>
        verb is "book" or "create" or "schedule" or "reschedule" or "rebook" or "add" or "move" or "update" or "change" or "reserve" or "place" or "set" or "modify" or "edit" or "patch" or "replace" or "make" or "insert" or "extend" or "upgrade" or "postpone" or "shift";

    private static Finding Describe(AgentRun run, ToolStep removed, Passage asked, string words)
    {
        var name = StepFindings.Say(removed);
        List<Fact> facts = [asked.Say("What the user had asked for.", words), removed.Arguments!.Say($"{name} was called{Words.At(removed.Node.StartNs)}.")];
        if (removed.Result is { } result)
        {
            facts.Add(result.Say($"What {name} returned{Words.At(removed.Node.EndNs)}."));
        }

        return StepFindings.At(
            removed.Asker is { } asker ? asker : removed, "unasked_removal", "wrong_action", Proof.Provenance, Strength,
            $"{name} was called{Words.At(removed.Node.StartNs)} although the user had asked for something else ({StepFindings.Quote(asked.Text, 100)}): nobody spoke of it, and nothing took the place of what it ended.",
            facts, $"Ask before {name} is called, and offer the model a tool for what is asked for.", "unasked_removal", explains: [removed, .. run.Answering is { } model ? (AgentStep[])[model] : []]);
    }

    [GeneratedRegex(@"\b(?:reschedul\w+|postpon\w+|move|shift|push(?:ed)? (?:it |that |this |my \w+ )?back|bring (?:it |that |this )?forward|change the (?:date|day|time)|extend|upgrade|verschieb\w*|verleg\w*|déplace\w*|décale\w*|repousse\w*|aplaza\w*|mover|cambiar la (?:fecha|hora)|reprograma\w*|remarca\w*|sposta\w*|verzet\w*|flytt\w*)\b|変更|改期|改到", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AsksToKeep();

    [GeneratedRegex(@"\b(?:cancel\w*|delet\w*|remov\w*|get rid|drop\w*|clos(?:e|ed|ing)|terminat\w*|revok\w*|undo|withdraw\w*|unsubscrib\w*|deactivat\w*|purg\w*|wip(?:e|ed|ing)|eras\w*|clean\w*|clear\w*|replac\w*|swap\w*|duplicat\w*|away|out of|storn\w*|lösch\w*|entfern\w*|kündig\w*|annul\w*|supprim\w*|résili\w*|elimin\w*|borr\w*|cancell\w*|avbestill\w*|slett\w*|avbok\w*)\b|キャンセル|取り消|削除|取消|删除|刪除", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SpeaksOfRemoval();
}

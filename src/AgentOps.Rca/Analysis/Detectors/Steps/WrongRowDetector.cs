using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A change of another record than the user named, where a search had listed both: the user's words are the name of exactly one, and the call has the id of one that nobody named.</summary>
internal sealed partial class WrongRowDetector : IDetector
{
    private const double Strength = 2.4;
    private const int FewestLetters = 4;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.In(run))
        {
            var said = Changes.SaidBefore(run, call);
            if (said.Count == 0 || said.Exists(static text => Other().IsMatch(text.Text)))
            {
                continue;
            }

            foreach (var lookup in Changes.LookupsBefore(run, call))
            {
                if (NamedRow.Lists(lookup).Select(rows => Find(run, call, lookup, rows, said)).FirstOrDefault(static found => found is not null) is { } finding)
                {
                    return [finding];
                }
            }
        }

        return [];
    }

    private static Finding? Find(AgentRun run, ToolStep call, ToolStep lookup, List<NamedRow> rows, List<Passage> said)
    {
        foreach (var given in Changes.GivenTo(call).Where(static value => value.Value.ToString().Length is > 1 and <= 80))
        {
            var text = given.Value.ToString();
            if (rows.FindAll(row => row.NamedBy(text) is not null) is not [var chosen] || Named(rows, said) is not { } named || named.Row == chosen)
            {
                continue;
            }

            // The name of the other one may be a part of it.
            var plain = PlainWords.Of(string.Join('\n', said.Select(static user => user.Text))).Replace(named.Row.Plain, " ", StringComparison.Ordinal);
            return AreAlike(named.Row, chosen, lookup) && !named.Row.Texts.Any(member => member.Text == text) && !PlainWords.Split(chosen.Plain).Any(word => word.Length > 3 && PlainWords.Hold(plain, $" {word} ")) && !PlainWords.Hold(plain, chosen.Plain) && !IsFrom(named.Text.Text, named.Row) && !named.Row.IsUnavailableBeside(chosen)
                && !IsMeantBy(plain, chosen, named.Row) && !Changes.HasUserSpoken(run, lookup, call) && !IsUsed(run, named.Row, lookup)
                ? Describe(run, call, given, chosen, named.Row, named.Text) : null;
        }

        return null;
    }

    // The one whose name the user wrote in full, or in full but for a last word that says of what kind it is; of names within each other, the longest.
    private static (NamedRow Row, Passage Text)? Named(List<NamedRow> rows, List<Passage> said)
    {
        foreach (var text in said.AsEnumerable().Reverse())
        {
            var plain = PlainWords.Of(text.Text);
            foreach (var isWhole in (bool[])[true, false])
            {
                var named = rows.FindAll(row => NameOf(row, isWhole) is { Length: > FewestLetters + 1 } name && (PlainWords.Hold(plain, name) || PlainWords.Hold(plain, Turned(name))));
                named = named.FindAll(row => !named.Exists(other => other != row && NameOf(other, isWhole)!.Length > NameOf(row, isWhole)!.Length && NameOf(other, isWhole)!.Contains(NameOf(row, isWhole)!, StringComparison.Ordinal)));
                if (named.Count > 0)
                {
                    return named is [var only] ? (only, text) : null;
                }
            }
        }

        return null;
    }

    private static string? NameOf(NamedRow row, bool isWhole)
    {
        var words = PlainWords.Split(row.Plain);
        return isWhole ? row.Plain : words.Length > 2 ? $" {string.Join(' ', words[..^1])} " : null;
    }

    // "Keller, Sabine" is Sabine Keller.
    private static string Turned(string name) => PlainWords.Split(name) is [var first, var last] ? $" {last} {first} " : name;

    // They share a word of the name, or one search for a word of it found both.
    private static bool AreAlike(NamedRow one, NamedRow other, ToolStep lookup)
    {
        var words = PlainWords.Split(one.Plain).Where(static word => word.Length > 2).ToList();
        return words.Intersect(PlainWords.Split(other.Plain)).Any()
            || (lookup.Arguments is { Value.ValueKind: JsonValueKind.Object } && Changes.GivenTo(lookup).Any(value => PlainWords.Split(PlainWords.Of(value.Value.ToString())).Intersect(words).Any()));
    }

    // Taken from it, to another one.
    private static bool IsFrom(string text, NamedRow row) =>
        From().Matches(text).Any(match => PlainWords.Of(text[(match.Index + match.Length)..]) is var rest && rest.IndexOf(string.Join(' ', PlainWords.Split(row.Plain)[..1]), StringComparison.Ordinal) is >= 0 and <= 12);

    // What only the chosen one has, such as its city, and the user said.
    private static bool IsMeantBy(string plain, NamedRow chosen, NamedRow named)
    {
        var others = named.Texts.Select(static member => member.Text).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return chosen.Texts.Any(member => member.Text.Length > 2 && !others.Contains(member.Text) && PlainWords.Hold(plain, PlainWords.Of(member.Text)));
    }

    // Another call may have shown why the one that was named is not the one.
    private static bool IsUsed(AgentRun run, NamedRow named, ToolStep lookup) =>
        run.Tools.Any(tool => tool != lookup && tool.Arguments is { Value.ValueKind: JsonValueKind.Object } && Changes.GivenTo(tool).Any(value => named.NamedBy(value.Value.ToString()) is not null));

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue given, NamedRow chosen, NamedRow named, Passage user)
    {
        var text = Words.Short(given.Value.ToString(), 60);
        return StepFindings.At(
            call.Asker!, "wrong_row", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {text} as {Words.Name(given.Name)}, which {StepFindings.Say(chosen.Source)} had listed as {StepFindings.Quote(chosen.Name, 60)}; of its records the user had named {StepFindings.Quote(named.Name, 60)}.",
            [
                call.Arguments!.Say($"{StepFindings.Say(call)} was given {text}.", given.Pointer, given.Value.ToString()),
                chosen.Say($"{StepFindings.Say(chosen.Source)} had listed {text} as {StepFindings.Quote(chosen.Name, 60)}."),
                named.Say($"It had also listed {StepFindings.Quote(named.Name, 60)}."),
                user.Say("What the user had said.", user.Text.Contains(named.Name, StringComparison.Ordinal) ? named.Name : null),
            ],
            $"Have {StepFindings.Say(call)} take the name beside the id and refuse what does not belong together, and let the user confirm which record is meant.", "wrong_row", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }

    [GeneratedRegex(@"\b(?:from|out of|off|instead of|replace|not|than|except|without|aus|statt|anstatt|anstelle|nicht|außer|ersetze?n?|desde|fuera de|en vez de|en lugar de|excepto|no|depuis|hors de|au lieu de|sauf|pas|da|invece di|tranne)\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex From();

    [GeneratedRegex(@"\b(?:(?:next|previous|following|nächste\w*|vorige\w*|prossim\w+)(?!,? (?:week|month|year|day|mon|tue|wed|thu|fri|sat|sun|spring|summer|quarter|woche|monat|jahr|sonntag|dien|mittw|donn|frei|sams|settimana|mese))|another|other|others|different|alternative\w*|similar|equivalent|substitute|cheaper|cheapest|better|nearest|instead|rest of them|remaining|whichever|any of|downgrad\w+|upgrad\w+|switch|swap|exchang\w+|replac\w+|too (?:expensive|small|big|large|slow|much)|zu teuer|trop cher|demasiado car[oa]|some(?:one|body)|any(?:one|body)|replacement|colleagues?|boss|managers?|supervisors?|deput(?:y|ies)|substitutes?|(?:co-?)?workers?|wife|husband|sister|brother|mother|father|son|daughter|parents?|child(?:ren)?|assistants?|successors?|predecessors?|on behalf|jemand\w*|Ersatz|Vertret\w+|Kolleg\w+|Vorgesetzte\w*|Chef\w*|alguien|compañer\w+|jef[ea]|reemplazo|quelqu['’]un|collègues?|remplaç\w+|qualcuno|collega|andere\w*|ähnlich\w*|alternativ\w*|stattdessen|günstig\w*|otr[oa]s?|similar\w*|diferente|más barat\w+|autres?|moins cher\w*|pareil\w*|altr[oaie])\b|次|別|他の|代わり", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Other();
}

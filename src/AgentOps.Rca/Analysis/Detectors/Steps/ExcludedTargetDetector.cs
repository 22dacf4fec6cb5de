using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Something that was sent to, or done with, whom or what the user had excluded (“to A, not to B”, “all except B”): the address or id that was said, or the one
/// that a result lists for the name or the department that was said.
/// </summary>
internal sealed partial class ExcludedTargetDetector : IDetector
{
    private const double Strength = 2.5;
    private const int MostPhrase = 100;
    private static readonly string[] Sending = ["send", "email", "mail", "share", "forward", "invite", "notify", "message", "text", "sms", "pay", "transfer", "wire", "post", "reply", "assign", "grant", "ship"];
    private static readonly string[] Ending = ["archive", "delete", "purge", "erase", "cancel", "close", "move", "disable", "deactivate", "suspend", "terminate", "wipe", "trash", "clear", "stop", "restart", "update", "remove"];
    private static readonly string[] Leaving = ["exclude", "excluded", "excluding", "except", "exception", "exceptions", "not", "without", "skip", "ignore", "omit", "keep", "sender", "reply", "retain", "preserve", "unless", "subject", "body", "message", "note", "text", "content", "reason"];

    // Common words of a phrase that tell nobody from anybody.
    private static readonly HashSet<string> Common = new(StringComparer.Ordinal)
    {
        "the", "that", "those", "this", "from", "for", "with", "and", "our", "any", "all", "mail", "mails", "email", "emails", "message", "messages", "file", "files", "team", "department", "group", "people", "person", "service",
        "der", "die", "das", "den", "dem", "des", "von", "vom", "aus", "herrn", "herr", "frau", "abteilung", "ceux", "celles", "les", "aux", "del", "los", "las", "ella", "departamento", "equipo", "mister", "who", "one", "ones",
    };

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run).Where(static call => !Changes.Reads(call.Tool)))
        {
            var words = ToolWords.Of(call.Tool);
            var said = Changes.SaidBefore(run, call);
            if (words.Any(static word => Array.IndexOf(Leaving, word) >= 0) || !(words.Any(static word => Array.IndexOf(Sending, word) >= 0) || (words.Any(static word => Array.IndexOf(Ending, word) >= 0) && said.Exists(static text => EndingWords().IsMatch(text.Text)))))
            {
                continue;
            }

            foreach (var (user, (phrase, at)) in said.SelectMany(static text => PhrasesIn(text.Text).Select(phrase => (text, phrase))))
            {
                // Who was asked and said yes meanwhile has let it.
                if (said.SkipWhile(text => text != user).Skip(1).Any(static text => RuleWords.SaysYes(text.Text)))
                {
                    continue;
                }

                var rest = string.Join('\n', said.Select(text => text == user ? text.Text.Remove(at, phrase.Length) : text.Text));
                foreach (var value in Changes.GivenTo(call).Where(static value => value.Value.ToString().Length is > 2 and <= 120 && !ToolWords.Of(value.Name).Any(static word => Array.IndexOf(Leaving, word) >= 0)))
                {
                    if (IsSaid(phrase, rest, value.Value.ToString()))
                    {
                        return [Describe(run, call, value, user, phrase, null)];
                    }

                    if (Excluded(run, call, value.Value.ToString(), phrase, rest) is { } row)
                    {
                        return [Describe(run, call, value, user, phrase, row)];
                    }
                }
            }
        }

        return [];
    }

    // What is said after the word, up to where something else begins; in Japanese before it.
    private static IEnumerable<(string Phrase, int Index)> PhrasesIn(string text)
    {
        foreach (Match match in Negation().Matches(text))
        {
            var rest = text.Substring(match.Index + match.Length, Math.Min(MostPhrase, text.Length - match.Index - match.Length));
            var end = End().Match(rest);

            // What is only not to be done yet, or in some case, may be done later.
            if ((end.Success ? rest[..end.Index] : rest).Trim() is { Length: > 2 } phrase && !Condition().IsMatch(rest))
            {
                yield return (phrase, text.IndexOf(phrase, match.Index + match.Length, StringComparison.Ordinal));
            }
        }

        foreach (Match match in NegationAfter().Matches(text))
        {
            yield return (match.Groups["phrase"].Value, match.Groups["phrase"].Index);
        }
    }

    private static bool IsSaid(string phrase, string rest, string given)
    {
        var isName = given.Contains('@', StringComparison.Ordinal) || Identifiers.IsIdentifier(given);
        return isName && Holds(phrase, given) && !Holds(rest, given);
    }

    private static bool Holds(string text, string word) => Regex.IsMatch(text, $@"(?<![\w.@-]){Regex.Escape(word)}(?![\w@-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    // The record that the phrase speaks of, by words that no other record has; it must be the one that the call was given.
    private static NamedRow? Excluded(AgentRun run, ToolStep call, string given, string phrase, string rest)
    {
        var (words, others) = (PlainWords.Split(PlainWords.Of(phrase)).Where(static word => word.Length > 2 && !Common.Contains(word)).ToHashSet(StringComparer.Ordinal), PlainWords.Of(rest));
        foreach (var rows in Changes.LookupsBefore(run, call).SelectMany(NamedRow.Lists))
        {
            if (rows.Find(row => row.NamedBy(given) is not null) is not { } chosen)
            {
                continue;
            }

            var own = WordsOf(chosen);
            var telling = words.Where(word => own.Contains(word) && !rows.Exists(row => row != chosen && WordsOf(row).Contains(word))).ToList();

            // Another one of the list must be left that may have been meant, and nothing that tells this one may have been said for it.
            return telling.Count > 0 && !own.Any(word => word.Length > 2 && !Common.Contains(word) && !rows.Exists(row => row != chosen && WordsOf(row).Contains(word)) && PlainWords.Hold(others, $" {word} "))
                && !rows.Exists(row => row != chosen && words.Any(word => WordsOf(row).Contains(word) && !own.Contains(word))) ? chosen : null;
        }

        return null;
    }

    private static HashSet<string> WordsOf(NamedRow row) =>
        [.. row.Texts.Where(static member => member.Text.Length <= 80 && !member.Text.Contains('@', StringComparison.Ordinal)).SelectMany(static member => PlainWords.Split(PlainWords.Of(member.Text)))];

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue value, Passage user, string phrase, NamedRow? row)
    {
        var text = Words.Short(value.Value.ToString(), 60);
        List<Fact> facts = [call.Arguments!.Say($"{StepFindings.Say(call)} was given {text}.", value.Pointer, value.Value.ToString()), user.Say("What the user had excluded.", phrase)];
        if (row is not null)
        {
            facts.Add(row.Say($"{StepFindings.Say(row.Source)} had listed {text} for {StepFindings.Quote(row.Name, 60)}."));
        }

        var listed = row is null ? "" : $", which {StepFindings.Say(row.Source)} had listed for {StepFindings.Quote(row.Name, 60)},";
        return StepFindings.At(
            call.Asker!, "excluded_target", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {text} as {Words.Name(value.Name)}{listed} though the user had excluded it ({StepFindings.Quote(phrase, 80)}).",
            facts, $"Let the user confirm whom and what {StepFindings.Say(call)} is called for, where something was excluded.", "excluded_target", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }

    [GeneratedRegex(@"(?<!\bif\s)\b(?:(?:but |and )?not (?:to|for|with)\b(?! worry| forget| mention)|but not\b(?! only| just)|except(?:ing)?(?: for)?\b(?! if| when| that)|excluding\b|other than\b|apart from\b|(?:do not|don['’]t|never) (?:send|mail|email|invite|notify|pay|share|forward|delete|archive|touch|cancel|close|include|use|message|remove|move)\b(?: (?:it|this|them|anything|that|the \w+) (?:to|with))?(?: to| with)?|nicht (?:an|für|zu|mit)\b|außer\b|ausgenommen\b|mit Ausnahme (?:von|der|des)\b|bis auf\b|sauf\b|excepté\b|hormis\b|à l['’]exception d\w+|(?:mais |et )?pas (?:à|au|aux|pour|avec)\b|excepto\b|salvo\b|menos (?:a|al|los|las|el|la)\b|(?:pero |y )?no (?:a|al|para)\b|tranne\b|eccetto\b|(?:ma |e )?non (?:a|al|alla|per)\b|exceto\b|menos\b|mas não (?:a|ao|à|para)\b)\s*:?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Negation();

    [GeneratedRegex(@"\A(?:[^.!?\n]|[.](?=\w)){0,60}\b(?:until|till|unless|before|yet|if|when|without|bevor|solange|wenn|falls|ohne|avant|tant que|sans|antes|hasta|si|sin|prima|finché|senza|se)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Condition();

    [GeneratedRegex(@"(?<phrase>[^、。,.!?！？\s]{2,60})(?:さん|様)?(?:以外|を除い|は除い|ではなく|じゃなく)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NegationAfter();

    [GeneratedRegex(@"[;\n!?)]|,|\.(?:\s|\z)|\b(?:but|rather|instead|only to|sondern|mais|sino|bensì|please|bitte|to|into|onto|nach|vers|hacia)\b|\s[-–—]\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex End();

    [GeneratedRegex(@"(?:archiv|delet|remov|purg|eras|cancel|clos|mov|disabl|deactivat|suspend|terminat|clear|stop|restart|updat|lösch|entfern|storn|schließ|verschieb|deaktivier|beende|aktualisier|supprim|effac|annul|ferm|déplac|désactiv|arrêt|elimin|borr|cerra|cierr|muev|mover|desactiv|cancell|chiud|apag)|削除|アーカイブ|取消|キャンセル|停止|移動|更新", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex EndingWords();
}

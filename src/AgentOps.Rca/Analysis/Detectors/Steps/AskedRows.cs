using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Rows of another kind than the user wanted: what was to be left out is switched on, or the filter has the opposite of the state that the user named.</summary>
internal static partial class AskedRows
{
    private const int MostText = 4_000;
    private const int FewestLetters = 5;
    private static readonly string[] Kinds = ["hidden", "inactive", "draft", "drafts", "private", "internal", "spam", "trash", "weekend", "weekends", "holiday", "holidays", "archive", "archives", "test", "tests", "bots", "duplicates", "subfolders"];
    private static readonly string[] Including = ["include", "including", "with", "show", "allow", "keep", "add"];
    private static readonly string[] Excluding = ["exclude", "excluding", "without", "skip", "hide", "omit", "ignore", "no"];

    // A state and the words for its opposite, as people and as programs say them.
    private static readonly (string[] State, string[] Opposite)[] Opposites =
    [
        (["paid", "bezahlt", "pagad", "payée", "payé", "pagat", "betaald", "settled"], ["unpaid", "unbezahlt", "impagad", "impayé", "impayée", "onbetaald", "outstanding", "overdue"]),
        (["read"], ["unread", "ungelesen"]), (["resolved"], ["unresolved"]), (["assigned"], ["unassigned"]), (["active", "aktiv", "activ", "attiv"], ["inactive", "inaktiv", "inactiv", "inattiv"]),
        (["verified"], ["unverified"]), (["published"], ["unpublished"]), (["shipped"], ["unshipped"]), (["confirmed"], ["unconfirmed"]), (["enabled"], ["disabled"]), (["processed"], ["unprocessed"]), (["answered"], ["unanswered"]),
        (["approved"], ["unapproved", "rejected"]), (["successful"], ["unsuccessful", "failed"]), (["subscribed"], ["unsubscribed"]), (["billable"], ["non-billable", "unbillable"]), (["open"], ["closed"]), (["completed"], ["incomplete", "uncompleted", "unfinished"]), (["available"], ["unavailable"]),
        (["valid"], ["invalid"]), (["complete"], ["incomplete"]), (["matched"], ["unmatched"]), (["sold"], ["unsold"]), (["used"], ["unused"]),
    ];

    /// <summary>A switch in a command or among the arguments.</summary>
    public static AskedOtherwise? OfFlag(AgentRun run, ToolStep call, List<Passage> said)
    {
        foreach (var (value, shown, word, isIncluded) in FlagsIn(call))
        {
            var wishes = said.Where(static text => text.Text.Length <= MostText).SelectMany(text => LeftOut().Matches(text.Text).Select(match => (Match: match, Text: text, IsIncluded: false)).Concat(TakenIn().Matches(text.Text).Select(match => (Match: match, Text: text, IsIncluded: true))))
                .Where(wish => IsKind(word) && wish.Match.Groups["word"].Captures.Any(capture => IsAlike(capture.Value, word))).ToList();
            if (wishes.Count > 0 && wishes.TrueForAll(wish => wish.IsIncluded != isIncluded) && !said.Exists(static text => Compares().IsMatch(text.Text))
                && run.Tools.LastOrDefault(other => other.Tool == call.Tool && other.Failure is null && FlagsIn(other).Any(flag => IsAlike(flag.Word, word)) == true) == call
                && !run.Tools.Any(other => other != call && FlagsIn(other).Any(flag => IsAlike(flag.Word, word) && flag.IsIncluded != isIncluded)))
            {
                var wish = wishes[^1];
                return new AskedOtherwise(value, shown, wish.Text, wish.Match.Value.Trim(), "");
            }
        }

        return null;
    }

    /// <summary>The state that a filter asks for.</summary>
    public static AskedOtherwise? OfFilter(AgentRun run, ToolStep call, List<Passage> said)
    {
        if (call.Arguments!.Value.ValueKind != JsonValueKind.Object || said.Exists(static text => text.Text.Length > MostText || Compares().IsMatch(text.Text)))
        {
            return null;
        }

        foreach (var value in ResultValue.In(call, call.Arguments.Value).Where(static value => value.Value.ValueKind is JsonValueKind.String && value.Value.GetString()!.Length <= MostText))
        {
            foreach (var (filter, shown) in FiltersIn(value))
            {
                foreach (var (state, opposite) in Opposites)
                {
                    if ((Wrong(said, filter, state, opposite) ?? Wrong(said, filter, opposite, state)) is { } user && !IsFilteredOtherwise(run, call, filter)
                        && run.Answer is { } answer && !Regex.IsMatch(answer.Text, $@"(?<![\w-]){Regex.Escape(filter)}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
                    {
                        return new AskedOtherwise(value, shown, user.Text, user.Words, ", which is the opposite");
                    }
                }
            }
        }

        return null;
    }

    /// <summary>A comparison with the number or day that the user said, the other way round.</summary>
    public static AskedOtherwise? OfComparison(AgentRun run, ToolStep call, List<Passage> said)
    {
        if (call.Arguments!.Value.ValueKind != JsonValueKind.Object || said.Exists(static text => text.Text.Length > MostText || Compares().IsMatch(text.Text) || TheOthers().IsMatch(text.Text)) || run.Tools.Any(other => other.Number > call.Number && other.Tool == call.Tool))
        {
            return null;
        }

        foreach (var value in ResultValue.In(call, call.Arguments.Value).Where(static value => value.Value.ValueKind is JsonValueKind.String && value.Value.GetString()!.Length <= MostText && Selects().IsMatch(value.Value.GetString()!) && !Excepts().IsMatch(value.Value.GetString()!)))
        {
            var statement = Comparison().Matches(value.Value.GetString()!);
            foreach (Match one in statement.Where(one => statement.Count(other => other.Groups["value"].Value == one.Groups["value"].Value) == 1))
            {
                var isMore = one.Groups["more"].Success;
                foreach (var text in said)
                {
                    if (Bounds().Matches(text.Text).Where(bound => bound.Groups["value"].Value == one.Groups["value"].Value).ToList() is [var bound] && bound.Groups["more"].Success != isMore && !Negated().IsMatch(text.Text[..bound.Index]))
                    {
                        return new AskedOtherwise(value, one.Value, text, bound.Value, ", which is the opposite");
                    }
                }
            }
        }

        return null;
    }

    // The filter has the one word, and the user said the other one and nothing of the first.
    private static (string Words, Passage Text)? Wrong(List<Passage> said, string filter, string[] has, string[] wanted)
    {
        if (!has.Contains(filter, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        (string Words, Passage Text)? found = null;
        foreach (var text in said)
        {
            foreach (Match word in Word().Matches(text.Text))
            {
                if (Array.Exists(wanted, one => IsForm(word.Value, one)))
                {
                    if (Negated().IsMatch(text.Text[..word.Index]) || Sentences.In(text.Text).Any(sentence => sentence.Contains(word.Value, StringComparison.Ordinal) && Denied().IsMatch(sentence)))
                    {
                        return null;
                    }

                    found = (word.Value, text);
                }
                else if (Array.Exists(has, one => IsForm(word.Value, one)))
                {
                    return null;
                }
            }
        }

        return found;
    }

    // With an ending of another language: impagadas, impayées, aktive.
    private static bool IsForm(string word, string state) => word.StartsWith(state, StringComparison.OrdinalIgnoreCase) && word.Length - state.Length <= 2 && (word.Length == state.Length || word[state.Length..].All(static letter => letter is 'a' or 'e' or 'i' or 'o' or 's' or 'n' or 'r'));

    private static bool IsFilteredOtherwise(AgentRun run, ToolStep call, string filter) => run.Tools.Any(other => other != call && other is { Failure: null, Arguments.Value.ValueKind: JsonValueKind.Object }
        && (other.Tool == call.Tool || ResultValue.In(other, other.Arguments.Value).Any(value => value.Value.ValueKind == JsonValueKind.String && FiltersIn(value).Any(one => !one.Value.Equals(filter, StringComparison.OrdinalIgnoreCase)))) && other.Number > call.Number);

    private static IEnumerable<(string Value, string Shown)> FiltersIn(ResultValue value)
    {
        var text = value.Value.GetString()!;
        if (Selects().IsMatch(text))
        {
            return Excepts().IsMatch(text) ? [] : Condition().Matches(text).Select(static match => (match.Groups["value"].Value, match.Value));
        }

        // To set a state is no filter.
        return !Changes.Act(value.Source.Tool) && ToolWords.Of(value.Name).Any(static word => word is "status" or "state" or "filter") && text.Length <= 20 ? [(text, text)] : [];
    }

    private static IEnumerable<(ResultValue Value, string Shown, string Word, bool IsIncluded)> FlagsIn(ToolStep call)
    {
        if (call.Arguments is not { Value.ValueKind: JsonValueKind.Object } arguments)
        {
            yield break;
        }

        foreach (var value in ResultValue.In(call, arguments.Value))
        {
            if (value.Value.ValueKind is JsonValueKind.True or JsonValueKind.False && ToolWords.Of(value.Name) is [var first, .., var last])
            {
                var isIn = Array.IndexOf(Including, first) >= 0;
                if (isIn || Array.IndexOf(Excluding, first) >= 0)
                {
                    yield return (value, $"{value.Name}: {value.Value.GetRawText()}", last, isIn == (value.Value.ValueKind == JsonValueKind.True));
                }
            }
        }

        if (call.Commands.Count > 0 && CommandCall.TextOf(call) is { Length: <= MostText } text && !text.Contains("--help", StringComparison.Ordinal))
        {
            foreach (Match flag in Flag().Matches(text))
            {
                var name = arguments.Value.EnumerateObject().FirstOrDefault(member => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString()!.Contains(flag.Value, StringComparison.Ordinal)).Name;
                if (name is not null)
                {
                    yield return (new ResultValue(name, arguments.Value.GetProperty(name), arguments.Value, "/" + name, call), flag.Value, flag.Groups["word"].Value, flag.Groups["in"].Success);
                }
            }
        }
    }

    // What rows are, and not what they have: "customers without orders" may well be looked for with their orders.
    private static bool IsKind(string word) => (word.Length > 5 && word.EndsWith("ed", StringComparison.Ordinal)) || Array.IndexOf(Kinds, word) >= 0;

    // archived, archivierte, archivés.
    private static bool IsAlike(string one, string other)
    {
        var (left, right) = (PlainWords.Of(one).Trim(), PlainWords.Of(other).Trim());
        var length = Math.Min(left.Length, right.Length);
        return length >= 4 && string.CompareOrdinal(left, 0, right, 0, Math.Min(length, FewestLetters)) == 0;
    }

    [GeneratedRegex(@"(?<!\w)--(?:(?<in>include|with|show)|exclude|without|skip|hide|omit|ignore)-(?:\w+-)*(?<word>[a-z]{4,})(?![\w=-])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Flag();

    private const string Small = @"(?:(?:the|all|any|those|our|alle|die|das|den|der|les|des|los|las|el|la|le|gli|i|os|as|de|het|them|ones)\s+){0,2}";

    [GeneratedRegex(@"\b(?:leav(?:e|ing) out|exclud(?:e|ing)|without|except(?: for)?|no|not (?:counting|including)|(?:do not|don['’]t) (?:include|count|show|add)|ignor(?:e|ing)|omit(?:ting)?|skip(?:ping)?|disregard(?:ing)?|leaving aside|ohne|außer|keine|lass\w*|nicht|sans|sauf|hormis|exclure|sin|excluyendo|excepto|senza|tranne|escludendo|sem|exceto|zonder|behalve)\s+" + Small + @"(?:(?<word>\p{L}{4,})\s*){1,3}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LeftOut();

    [GeneratedRegex(@"\b(?<!not |n['’]t )(?:includ(?:e|ing)|with|also|even|as well as|plus|mit|auch|inklusive|einschließlich|samt|avec|y compris|aussi|con|incluyendo|incluso|también|incluid[oa]s|anche|compres[ei]|com|incluindo|também|met|inclusief|ook)\s+" + Small + @"(?:(?<word>\p{L}{4,})\s*){1,2}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TakenIn();

    [GeneratedRegex(@"\b(?:compar\w+|versus|vs|both|with and without|difference|ratio|share of|percent\w*|either|vergleich\w*|beide|sowohl|unterschied|anteil|les deux|différence|ambos|ambas|diferencia|entrambi)\b|%", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Compares();

    [GeneratedRegex(@"\p{L}+(?:-\p{L}+)*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(?:not|no|never|without|except|excluding|n['’]t|nicht|kein\w*|ohne|pas|sans|no|sin|non|senza|não|sem|niet|zonder)\s+(?:\w+\s+)?\z|n['’]t\s+(?:\w+\s+)?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Negated();

    [GeneratedRegex(@"\b(?:not|never|nicht|kein\w*|ne|pas|no|non|não|niet|geen)\b|n['’]t\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Denied();

    // The bound may be that of those that are not wanted.
    [GeneratedRegex(@"\b(?:ignor\w+|exclud\w+|except|rest|keep|skip|leave|others?|remaining|not|already|done|delete|remove|drop|außer|ohne|nicht|Rest|behalte\w*|sauf|sans|reste|excepto|sin|resto|tranne|senza|exceto|sem|behalve|zonder|niet)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TheOthers();

    [GeneratedRegex(@"\bselect\b.+\bfrom\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Selects();

    [GeneratedRegex(@"\b(?:not|except|left join|case|union|or)\b|<>|!=", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Excepts();

    [GeneratedRegex(@"[\w.""()*]+\s*(?:(?<more>>=?)|<=?(?!>))\s*'?(?<value>\d[\d.-]*\d|\d)'?(?![\d.%])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\b(?:(?<more>more than|over|above|greater than|at least|exceeding|after|since|mehr als|über|mindestens|nach|plus de|au moins|après|más de|al menos|después del?|più di|almeno|dopo|mais de|depois de|meer dan|minstens|na)|less than|fewer than|under|below|at most|up to|before|until|weniger als|unter|höchstens|vor|moins de|avant|menos de|como máximo|antes del?|meno di|prima d\w+|minder dan|hoogstens|voor)\s(?:the )?[€$£]?(?<value>\d[\d.-]*\d|\d)\b(?!\s+(?:days?|weeks?|months?|years?|hours?|Tagen?|jours?|días?|years old|or older)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Bounds();

    [GeneratedRegex(@"[\w.""]+\s*=\s*'(?<value>[\w-]+)'", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Condition();
}

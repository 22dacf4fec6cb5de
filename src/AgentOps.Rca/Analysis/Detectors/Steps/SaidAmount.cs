using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// How many, or how much money, the user said, against what a call that changes something was given: the user's number is the only one of its kind, the
/// argument is the only one of its kind, and nothing that the run had seen makes the one out of the other.
/// </summary>
internal static partial class SaidAmount
{
    private const int MostNumbers = 80;
    private static readonly string[] Counting = ["quantity", "qty", "count", "units", "copies", "pieces", "pcs"];
    private static readonly string[] Money = ["amount", "refund", "payment", "sum", "deposit", "donation", "transfer", "amt"];
    private static readonly string[] People = ["people", "person", "guest", "pax", "party", "attendee", "passenger", "traveler", "traveller", "participant", "visitor"];

    // They say how the number is meant, not how many: a limit, a guess, a share, a step, an addition.
    private static readonly string[] NoNouns = ["dozen", "pair", "pack", "box", "case", "half", "couple", "set", "time", "percent", "of", "or", "and", "to", "x", "by", "am", "pm", "more", "star", "th", "st", "nd", "rd", "in", "at", "on", "for", "is", "are", "as", "from", "with", "the", "oclock", "million", "thousand", "hundred", "k", "m"];

    /// <summary>What contradicts, or null.</summary>
    /// <param name="run">The run.</param>
    /// <param name="call">The call that changed something.</param>
    /// <param name="answer">What the run said in the end.</param>
    /// <param name="said">What users had said until then.</param>
    public static (ResultValue Given, Passage User, string Words)? Find(AgentRun run, ToolStep call, Passage answer, List<Passage> said)
    {
        // Several calls may have shared the work.
        if (run.Tools.Any(other => other != call && other.Tool == call.Tool && other.Failure is null))
        {
            return null;
        }

        var given = ResultValue.In(call, call.Arguments!.Value).FindAll(static value => value.Value.ValueKind == JsonValueKind.Number && value.Number is > 0);
        return OfMoney(run, call, answer, said, given) ?? OfCount(run, call, answer, said, given);
    }

    private static (ResultValue, Passage, string)? OfMoney(AgentRun run, ToolStep call, Passage answer, List<Passage> said, List<ResultValue> given)
    {
        var users = said.SelectMany(static text => Quantity.In(text.Text).Where(static one => one.Unit is { } unit && Quantity.FamilyOf(unit) == "money").Select(one => (One: one, Text: text))).ToList();
        if (users.DistinctBy(static user => user.One.Value).ToList() is not [var user] || IsVague(user.Text.Text, user.One.Index)
            || given.FindAll(static value => ToolWords.Of(value.Name).Any(word => Array.IndexOf(Money, word) >= 0)) is not [{ Number: { } number } value]
            || (value.Unit is { } unit && Quantity.Contradict(unit, user.One.Unit!)) || IsScaled(number, user.One.Value, value.Name)
            || !Digits().Matches(answer.Text).Select(static match => match.Value).Any(written => Quantity.TryNumber(written, out var told) && KnownNumbers.AreSame(told, user.One.Value)))
        {
            return null;
        }

        var spoken = said.Concat(run.Instructions).SelectMany(static text => Quantity.In(text.Text)).ToList();
        var results = run.Tools.Where(tool => tool.Number < call.Number && tool is { Failure: null, Result: not null }).SelectMany(static tool => ResultValue.In(tool, tool.Result!.Value)).ToList();
        return IsSaid(answer.Text, number) || IsSaid(answer.Text, number / 100) || KnownNumbers.Explain(new Quantity(number, null, value.Value.GetRawText(), 0), results, spoken) || IsSeen(run, call, number)
            ? null : (value, user.Text, user.One.Text);
    }

    // 50 is 5000 in cents and 50000 in thousandths, where nobody says that it is euros.
    private static bool IsScaled(double given, double said, string name)
    {
        var isMinor = ToolWords.Of(name).Any(static word => word is "cents" or "minor" or "pence" or "ore");
        return KnownNumbers.AreSame(given, said * 100) || (!isMinor && (KnownNumbers.AreSame(given, said) || KnownNumbers.AreSame(given, said * 1000) || KnownNumbers.AreSame(given * 100, said)));
    }

    private static (ResultValue, Passage, string)? OfCount(AgentRun run, ToolStep call, Passage answer, List<Passage> said, List<ResultValue> given)
    {
        var counts = said.SelectMany(static text => Counted().Matches(text.Text).Select(match => (Number: NumberOf(match.Groups["number"].Value), Noun: Singular(match.Groups["noun"].Value), Match: match, Text: text)))
            .Where(static one => one.Number > 0).ToList();
        var all = counts.Select(static one => one.Number).Concat(said.SelectMany(static text => Quantity.In(text.Text)).Select(static one => one.Value)).Distinct().Count();
        foreach (var value in given.Where(static value => value.Number is { } number && number == Math.Floor(number) && number < 10_000))
        {
            var words = ToolWords.Of(value.Name).Select(Singular).ToList();
            var own = counts.FindAll(one => words.Contains(one.Noun) || (Array.IndexOf(People, one.Noun) >= 0 && words.Exists(static word => Array.IndexOf(People, word) >= 0)));
            if (own.Count == 0 && Counts(value) && given.Count(Counts) == 1)
            {
                // A count of nothing in particular is of what the tool is about, or of the only thing that was counted at all.
                var about = ToolWords.Of(call.Tool).Select(Singular).ToList();
                own = counts.FindAll(one => about.Contains(one.Noun));
                own = own.Count == 0 && all == 1 && given.Count == 1 ? counts.FindAll(static one => one.Match.Groups["kind"].Length == 0) : own;
            }

            if (own.Count == 0 || own.DistinctBy(static one => one.Number).Count() > 1 || own[^1].Number == value.Number || own.Exists(static one => IsVague(one.Text.Text, one.Match.Index))
                || IsSaid(answer.Text, value.Number!.Value) || IsSeen(run, call, value.Number.Value) || IsComputed(run, call, value.Number.Value, said) || own.Exists(static one => Multiple().IsMatch(one.Match.Value)))
            {
                continue;
            }

            return (value, own[^1].Text, own[^1].Match.Value.Trim());
        }

        return null;
    }

    // An order's number is none of how many.
    private static bool Counts(ResultValue value) => ToolWords.Of(value.Name) is { } words && (words.Any(static word => Array.IndexOf(Counting, word) >= 0) || (words.Count > 1 && words[0] is "number" or "num"));

    private static bool IsVague(string text, int index) => Vague().IsMatch(text[Math.Max(0, index - 30)..index]) || Onwards().IsMatch(text.AsSpan(index));

    private static bool IsSaid(string text, double number) => NumbersIn(text).Any(other => KnownNumbers.AreSame(other, number));

    private static IEnumerable<double> NumbersIn(string text) => Digits().Matches(text).Select(static match => Quantity.TryNumber(match.Value, out var number) ? number : -1)
        .Concat(Spelled().Matches(text).Select(static match => (double)NumberWords.Of(match.Value)));

    /// <summary>Whether the number stands in anything that the run had seen.</summary>
    public static bool IsSeen(AgentRun run, ToolStep call, double number)
    {
        var known = KnownText.Before(run, call);
        return !known.IsWhole || known.Texts.Any(text => text.Length > 100_000 || IsSaid(text, number));
    }

    /// <summary>Whether two numbers that the run had seen make it.</summary>
    // One more, one less, together: what the results counted and what the user said may make it.
    public static bool IsComputed(AgentRun run, ToolStep call, double number, List<Passage> said, params ReadOnlySpan<double> others)
    {
        var results = run.Tools.Where(tool => tool.Number < call.Number && tool.Result is not null).ToList();
        List<double> numbers =
        [
            .. results.SelectMany(static tool => NumbersIn(tool.Result!.Text))
                .Concat(results.SelectMany(static tool => ResultValue.In(tool, tool.Result!.Value)).Where(static value => value.Value.ValueKind == JsonValueKind.Array).Select(static value => (double)value.Value.GetArrayLength()))
                .Concat(said.SelectMany(static text => NumbersIn(text.Text))).Where(static other => other > 0)
                .GroupBy(static other => other).SelectMany(static same => same.Take(2)).Take(MostNumbers + 1),
            .. others,
        ];
        if (numbers.Count > MostNumbers)
        {
            return true;
        }

        for (var i = 0; i < numbers.Count; i++)
        {
            var a = numbers[i];
            if (a == number || numbers.Where((_, j) => j != i).Any(b => a + b == number || a - b == number || a * b == number || a / b == number))
            {
                return true;
            }
        }

        return false;
    }

    private static double NumberOf(string word) => NumberWords.Of(word) is > 0 and var small ? small : double.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Singular(string word)
    {
        var lower = word.ToLowerInvariant();
        return Array.IndexOf(NoNouns, lower) >= 0 || Array.IndexOf(NoNouns, lower.TrimEnd('s')) >= 0 ? "" : lower.EndsWith("ies", StringComparison.Ordinal) && lower.Length > 4 ? lower[..^3] + "y" : lower.Length > 3 ? lower.TrimEnd('s') : lower;
    }

    // The number, up to two words that say of what kind, and what is counted; "3 of them" counts what was spoken of.
    [GeneratedRegex(@"(?<![\w.,:/#$€£-])(?<number>\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?![.,:/]\d|[-/:]|(?:st|nd|rd|th)\b)\s+(?:of (?<noun>them|these|those|it)\b|(?<kind>(?:[a-z-]+\s+){0,2}?)(?<noun>[a-z]{3,}s|people|person|guest|ticket|seat|night|room|unit|copy|item)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Counted();

    [GeneratedRegex(@"(?:\b(?:up to|at (?:most|least)|no more than|more than|less than|fewer than|under|over|above|below|between|from|about|around|roughly|approximately|almost|nearly|max(?:imum)?|min(?:imum)?|limit(?: is| of)?|budget(?: is| of)?|another|additional|extra|per|each|every|first|last|next|previous|top|another|to|than|within|in|after|before|ago|increase|decrease|reduce|raise|add|by|not|instead of|was|were|had|have|has|paid|charged|cost|costs|got|received|already|or|minus)\s*(?:of |the |an? |only |us\$|[$€£])*|[-–~+*x×]\s*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Vague();

    [GeneratedRegex(@"\A\S+(?:\s+\S+){0,3}?\s+(?:each|apiece|per|or (?:more|less|fewer|so|\d|two|three|four)|to \d|more\b|additional|extra|less|fewer|off|discount|ago|total per|a (?:day|week|month|person|piece))\b|\A\S+\s*[-–]\s*\d|\A\S+\s+(?:or|[+&,])\s+(?:\d|one|two|three|four|five)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Onwards();

    [GeneratedRegex(@"\b(?:dozens?|pairs?|packs?|packets?|box(?:es)?|cases?|crates?|sets?|times|percent|hundred|thousand|million|more|extra|additional|other|another|bundles?|rolls?|(?:year|month|week|day|hour)s?[ -]old)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Multiple();

    [GeneratedRegex(@"(?<![\w.])\d[\d.,]*(?<![.,])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Spelled();
}

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// One record of a list was gone on with though what the user had given (a date of birth, a tax number, a size and a sole) stands in another one of the list and in that one alone: namesakes and variants
/// that were taken for each other.
/// </summary>
internal sealed partial class UnmatchedRecordDetector : IDetector
{
    private const double Strength = 2.4;
    private const int MostRows = 60;
    private const int MostFields = 24;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run))
        {
            var said = Changes.SaidBefore(run, call);
            var sentences = said.SelectMany(static text => Sentences.In(text.Text)).Where(static sentence => !Excludes().IsMatch(sentence)).ToList();
            if (said.Count == 0 || said.Exists(static text => Chooses().IsMatch(text.Text)))
            {
                continue;
            }

            var words = new SaidWords(sentences);
            foreach (var given in Changes.GivenTo(call).Where(static value => IsId(value.Value.ToString())))
            {
                if (Find(run, call, given.Value.ToString(), words) is { } found)
                {
                    return [Describe(call, given, found, said)];
                }
            }
        }

        return [];
    }

    private static bool IsId(string text) => text.Length is >= 3 and <= 60 && text.Any(char.IsAsciiDigit) && !text.Contains(' ', StringComparison.Ordinal) && !CalendarForm.Is(text);

    private static Match? Find(AgentRun run, ToolStep call, string id, SaidWords words)
    {
        foreach (var lookup in Changes.LookupsBefore(run, call).Take(6).Where(lookup => lookup.Result!.Text.Contains(id, StringComparison.Ordinal)))
        {
            foreach (var list in ResultValue.In(lookup, lookup.Result!.Value).Where(static value => value.Value.ValueKind == JsonValueKind.Array && value.Value.GetArrayLength() is > 1 and <= MostRows))
            {
                if (RowsOf(list, id) is not { } rows || rows.FindAll(row => row.Id == id) is not [var chosen] || IsKnown(run, lookup, id))
                {
                    continue;
                }

                var others = rows.FindAll(row => row != chosen).ConvertAll(row => (Row: row, Own: Told(row, chosen, words), Against: Told(chosen, row, words)));
                var fitting = others.FindAll(static other => other.Own.Count > 0 && other.Against.Count == 0);
                if (fitting.OrderByDescending(static other => other.Own.Count).ToList() is [var best, .. var rest] && rest.TrueForAll(other => other.Own.Count < best.Own.Count)
                    && (best.Own.Exists(static field => IsIdentifying(field.Text)) || best.Own.Count + Shared(best.Row, chosen, words) > 2)
                    && !IsUnavailable(best.Row) && !run.Tools.Any(other => other.Arguments?.Text.Contains(best.Row.Id, StringComparison.Ordinal) == true)
                    && !Changes.HasProposed(run, call, text => best.Own.TrueForAll(field => chosen.Fields.TryGetValue(field.Pointer, out var own) && text.Contains(own, StringComparison.OrdinalIgnoreCase)), since: lookup))
                {
                    return new Match(list, chosen, best.Row, best.Own[0]);
                }
            }
        }

        return null;
    }

    // What had been named before the list was not chosen from it: the item that goes back.
    private static bool IsKnown(AgentRun run, ToolStep lookup, string id) =>
        run.Tools.Any(other => other.Number < lookup.Number && (other.Arguments?.Text.Contains(id, StringComparison.Ordinal) == true || other.Result?.Text.Contains(id, StringComparison.Ordinal) == true))
        || run.SaidByUsers().Any(text => text.Text.Contains(id, StringComparison.Ordinal));

    // What is said of the one and contradicted by the other.
    private static List<(string Pointer, string Text)> Told(Row row, Row other, SaidWords words) =>
    [
        .. row.Fields.Where(field => other.Fields.TryGetValue(field.Key, out var own) && !own.Equals(field.Value, StringComparison.OrdinalIgnoreCase) && words.Hold(field.Value) && !words.Hold(own)).Select(static field => (field.Key, field.Value)),
    ];

    private static int Shared(Row row, Row other, SaidWords words) =>
        row.Fields.Count(field => field.Value.Length > 1 && other.Fields.TryGetValue(field.Key, out var own) && own.Equals(field.Value, StringComparison.OrdinalIgnoreCase) && words.Hold(field.Value));

    // A date, or a number of many digits, belongs to one.
    private static bool IsIdentifying(string text) => text.Count(char.IsAsciiDigit) >= 5;

    private static List<Row>? RowsOf(ResultValue list, string id)
    {
        List<Row> rows = [];
        var member = list.Value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.Object).SelectMany(static item => item.EnumerateObject()).FirstOrDefault(member => member.Value.ToString() == id && member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number);
        if (member.Value.ValueKind == JsonValueKind.Undefined)
        {
            return null;
        }

        foreach (var (item, index) in list.Value.EnumerateArray().Select(static (item, index) => (item, index)))
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(member.Name, out var own) || own.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
            {
                return null;
            }

            var fields = ResultValue.In(list.Source, item).Where(value => value.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number && value.Pointer.Count(static sign => sign == '/') <= 2 && value.Name != member.Name
                    && value.Value.ToString().Trim().Length is > 0 and <= 60)
                .Take(MostFields).DistinctBy(static value => value.Pointer).ToDictionary(static value => value.Pointer, static value => value.Value.ToString().Trim(), StringComparer.Ordinal);
            rows.Add(new Row(own.ToString(), item, list.Pointer + "/" + index.ToString(CultureInfo.InvariantCulture), fields));
        }

        return rows.DistinctBy(static row => row.Id).Count() == rows.Count ? rows : null;
    }

    private static bool IsUnavailable(Row row) => row.Item.EnumerateObject().Any(static member => member.Value.ValueKind == JsonValueKind.False
        || (ToolWords.Of(member.Name).Any(static word => word is "stock" or "available" or "availability" or "seats" or "quantity" or "left" or "free" or "status" or "state") && (member.Value.ToString() is "0" or "" || Gone().IsMatch(member.Value.ToString()))));

    private static Finding Describe(ToolStep call, ResultValue given, Match found, List<Passage> said)
    {
        var (name, source) = (StepFindings.Say(call), StepFindings.Say(found.List.Source));
        var field = found.Field;
        var told = said.LastOrDefault(text => new SaidWords([text.Text]).Hold(field.Text)) ?? said[^1];
        var label = Words.Name(field.Pointer[(field.Pointer.LastIndexOf('/') + 1)..]);
        return StepFindings.At(
            call.Asker!, "unmatched_record", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {name}{Words.At(call.Node.StartNs)} with {Words.Short(found.Chosen.Id, 40)}, whose {label} is {StepFindings.Quote(found.Chosen.Fields[field.Pointer], 60)} in what {source} had listed; what the user had said fits {Words.Short(found.Other.Id, 40)} ({label} {StepFindings.Quote(field.Text, 60)}), and nothing that the user said fits the other one better.",
            [
                call.Arguments!.Say($"{name} was given {Words.Short(found.Chosen.Id, 40)}.", given.Pointer, found.Chosen.Id),
                found.List.Source.Result!.Say($"{source} had listed the one that fits.", found.Other.Pointer + field.Pointer, field.Text),
                found.List.Source.Result!.Say("The one that was gone on with.", found.Chosen.Pointer + field.Pointer, found.Chosen.Fields[field.Pointer]),
                told.Say("What the user had said.", StepFindings.Head(told.Text, 120)),
            ],
            $"Have {source} take what the user gives and list what fits it only, or compare it in code before the call of {name}.", "unmatched_record", explains: [call]);
    }

    private sealed record Row(string Id, JsonElement Item, string Pointer, Dictionary<string, string> Fields);

    private sealed record Match(ResultValue List, Row Chosen, Row Other, (string Pointer, string Text) Field);

    /// <summary>What was said, by words, by days, and by numbers without the signs in them.</summary>
    private sealed class SaidWords(List<string> sentences)
    {
        private readonly string _text = " " + string.Join(" \n ", sentences) + " ";
        private readonly List<SaidDay> _days = [.. sentences.SelectMany(SaidDay.InAnyLanguage)];
        private readonly string _bare = Signs().Replace(string.Join(" \n ", sentences), "");

        public bool Hold(string value)
        {
            if (SaidDay.In(value).FirstOrDefault() is { } day && day.Text.Length == value.Length)
            {
                return _days.Exists(day.IsSame);
            }

            return value.Length > 1 && !Common().IsMatch(value) && (PlainWords.StandIn(_text, value) || (value.Count(char.IsAsciiDigit) >= 5 && PlainWords.StandIn(_bare, Signs().Replace(value, ""))));
        }
    }

    [GeneratedRegex(@"(?<=[\p{L}\d])[-./ ](?=\d)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Signs();

    [GeneratedRegex(@"^(?:yes|no|none|n/a|true|false|active|open|new|ok|all|any|other|standard|default|private|the|and|or|for|in|at|on|to|am|pm|eur|usd|gbp|chf|\d)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Common();

    // What is not wanted, or was once, is said of something else.
    [GeneratedRegex(@"\b(?:not|never|no longer|instead of|rather than|other than|except|from|was|were|had|old|current|nicht|kein\w*|statt|außer|alt\w*|pas|ne|sauf|ancien\w*|sin|salvo|en vez de|antes|non|tranne|não|exceto)\b|n['’]t\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Excludes();

    [GeneratedRegex(@"\b(?:cheap\w*|cheaper|cheapest|earli\w+|latest|later|first one|second one|third one|last one|the (?:first|second|third|other|last)|whichever|whatever|either|any of|option|you (?:choose|pick|decide)|fastest|günstig\w*|billig\w*|das (?:erste|zweite|andere)|egal|le moins cher|la plus|peu importe|más barat\w+|cualquiera|il più|mais barat\w+)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Chooses();

    [GeneratedRegex(@"\b(?:sold|out of|unavailable|cancel\w*|closed|inactive|discontinued|expired|blocked|full|taken|ausverkauft|agotado|épuisé)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Gone();
}

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// What the answer says of all records of a list and the list itself denies: that one of them is the largest or the smallest, where another one is, or an average or a median that
/// their numbers do not have. Only where the user asked for it of all that was listed, and the numbers are the only ones that it can be of.
/// </summary>
internal sealed partial class WrongStatisticDetector : IDetector
{
    private const double Strength = 2.4;
    private const int MostRows = 200;
    private const int MostSubsets = 14;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || run.SaidByUsers().LastOrDefault() is not { } asked || Restricted().IsMatch(asked.Text))
        {
            return [];
        }

        var lists = run.Tools.Where(tool => tool is { Failure: null, Result: not null } && tool.Number < model.Number).SelectMany(static tool => RowsIn(tool)).ToList();
        return lists is not [var list] ? [] : OfExtreme(run, model, answer, asked, list) is { } extreme ? [extreme] : OfMean(run, model, answer, asked, list) is { } mean ? [mean] : OfCount(model, answer, asked, list, run) is { } count ? [count] : [];
    }

    // The lists of records with numbers in what a call returned; one that says that it is not whole counts as another one.
    private static IEnumerable<Table> RowsIn(ToolStep tool)
    {
        foreach (var list in ResultValue.In(tool, tool.Result!.Value).Where(static value => value.Value.ValueKind == JsonValueKind.Array && value.Value.GetArrayLength() is > 1 and <= MostRows))
        {
            if (list.Value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.Object) && list.Value.EnumerateArray().First().EnumerateObject().Any(static member => member.Value.ValueKind == JsonValueKind.Number))
            {
                yield return new Table(tool, list.Value, list.Pointer);
                if (More().IsMatch(tool.Result.Text))
                {
                    yield return new Table(tool, list.Value, list.Pointer);
                }
            }
        }
    }

    private static Finding? OfExtreme(AgentRun run, ModelStep model, Passage answer, Passage asked, Table table)
    {
        var wanted = Extremes().Matches(asked.Text).ToList();
        if (wanted.Count != 1 || Excuse().IsMatch(answer.Text))
        {
            return null;
        }

        var isMost = wanted[0].Groups["most"].Success;
        foreach (var sentence in Sentences.In(answer.Text).Where(sentence => Extremes().Matches(sentence) is [var own] && own.Groups["most"].Success == isMost))
        {
            var named = table.Rows.FindAll(row => row.Name is { Length: > 2 } name && PlainWords.Hold(PlainWords.Of(sentence), PlainWords.Of(name)));
            if (named is not [{ Name: { } rowName } row] || table.Rows.Count(other => other.Name == row.Name) > 1 || table.ColumnOf(row, sentence, asked.Text) is not { } column)
            {
                continue;
            }

            var right = isMost ? table.Rows.MaxBy(one => one.NumberOf(column)) : table.Rows.MinBy(one => one.NumberOf(column));
            if (right!.NumberOf(column) is { } best && row.NumberOf(column) is { } own && best != own && right.Name is { } other && !PlainWords.Hold(PlainWords.Of(answer.Text), PlainWords.Of(other)))
            {
                var name = StepFindings.Say(table.Source);
                return StepFindings.At(
                    model, "wrong_extreme", "misread_result", Proof.Provenance, Strength,
                    Words.Invariant($"{StepFindings.Say(model)} told the user {StepFindings.Quote(sentence, 120)}, but {name} had returned {own:0.####} as {Words.Name(column)} for {StepFindings.Quote(rowName, 40)} and {best:0.####} for {StepFindings.Quote(other, 40)}, which the answer does not name."),
                    [
                        answer.Say("What the answer says.", StepFindings.Head(sentence)),
                        table.Source.Result!.Say($"What {name} had returned for {StepFindings.Quote(rowName, 40)}.", row.Pointer + JsonPointers.Step(column), row.Item.GetProperty(column).GetRawText()),
                        table.Source.Result!.Say($"What it had returned for {StepFindings.Quote(other, 40)}.", right.Pointer + JsonPointers.Step(column), right.Item.GetProperty(column).GetRawText()),
                    ],
                    $"Have {name} sort what it returns, or give the model a tool that compares.", "wrong_extreme", explains: run.Runs);
            }
        }

        return null;
    }

    private static Finding? OfMean(AgentRun run, ModelStep model, Passage answer, Passage asked, Table table)
    {
        if (!Means().IsMatch(asked.Text) || table.Columns is not [var column] || Means().Matches(answer.Text) is not [var word] || About().IsMatch(answer.Text))
        {
            return null;
        }

        var numbers = table.Rows.Select(row => row.NumberOf(column)!.Value).ToList();
        var told = Quantity.In(answer.Text).Where(one => !table.Rows.Exists(row => KnownNumbers.AreSame(row.NumberOf(column)!.Value, one.Value)) && !KnownNumbers.AreSame(one.Value, numbers.Count)).ToList();
        if (told is not [var mean] || Math.Abs(mean.Index - word.Index) > 80 || mean.Value < numbers.Min() || mean.Value > numbers.Max() || KnownNumbers.Told(run).Exists(other => KnownNumbers.AreSame(other.Value, mean.Value)) || IsMean(numbers, mean))
        {
            return null;
        }

        var name = StepFindings.Say(table.Source);
        return StepFindings.At(
            model, "wrong_mean", "misread_result", Proof.Provenance, Strength,
            Words.Invariant($"{StepFindings.Say(model)} told the user {StepFindings.Quote(mean.Text, 40)} as {StepFindings.Quote(word.Value, 40)}, but the {numbers.Count} numbers that {name} had returned as {Words.Name(column)} have the average {numbers.Average():0.####} and the median {Median(numbers):0.####}."),
            [answer.Say("What the answer says.", mean.Text), .. table.Rows.Take(6).Select(row => table.Source.Result!.Say($"{name} had returned it.", row.Pointer + JsonPointers.Step(column), row.Item.GetProperty(column).GetRawText()))],
            $"Have {name} return the average, or give the model a tool that computes.", "wrong_mean", explains: run.Runs);
    }

    // More of them than were listed, which no part of them can be.
    private static Finding? OfCount(ModelStep model, Passage answer, Passage asked, Table table, AgentRun run)
    {
        if (!HowMany().IsMatch(asked.Text) || About().IsMatch(answer.Text) || SpelledNumber.In(answer.Text) is not [{ Value: >= 2 } told] || told.Value <= table.Rows.Count || told.Value > table.Rows.Count * 2 || told.Value != Math.Floor(told.Value)
            || SaidDay.InAnyLanguage(answer.Text).Any() || run.Tools.Any(tool => tool.Result is { } result && SpelledNumber.In(result.Text.Length > 4_000 ? "" : result.Text).Exists(one => KnownNumbers.AreSame(one.Value, told.Value))) || table.Source.Result!.Text.Length > 4_000)
        {
            return null;
        }

        var nouns = ToolWords.Subjects(table.Source.Tool).Select(static word => word.TrimEnd('s')).ToList();
        var after = PlainWords.Split(PlainWords.Of(answer.Text[(told.Index + told.Text.Length)..])).Take(3).Select(static word => word.TrimEnd('s')).ToList();
        if (!nouns.Exists(noun => after.Contains(noun) && asked.Text.Contains(noun, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        var name = StepFindings.Say(table.Source);
        return StepFindings.At(
            model, "wrong_count", "misread_result", Proof.Provenance, Strength,
            Words.Invariant($"{StepFindings.Say(model)} told the user of {StepFindings.Quote(told.Text, 40)} of them, but {name} had listed {table.Rows.Count}, and nothing else in the run says {told.Value:0}."),
            [answer.Say("What the answer says.", told.Text), table.Source.Result!.Say(Words.Invariant($"{name} had listed {table.Rows.Count}."), table.Pointer)],
            $"Have {name} return how many there are, or give the model a tool that counts.", "wrong_count", explains: run.Runs);
    }

    // Of all, of any part of them, or the number in the middle, as exactly as it is written.
    private static bool IsMean(List<double> numbers, Quantity told)
    {
        var written = Figures().Match(told.Text).Value;
        var point = written.LastIndexOfAny(['.', ',']);
        var within = (point < 0 ? 1 : Math.Pow(10, point + 1 - written.Length)) + 1e-9;
        bool Is(double value) => Math.Abs(value - told.Value) <= within;
        if (Is(numbers.Average()) || Is(Median(numbers)) || numbers.Count > MostSubsets)
        {
            return Is(numbers.Average()) || Is(Median(numbers)) || numbers.Exists(one => Is((numbers.Sum() - one) / (numbers.Count - 1)));
        }

        // One or a few may have been left out on purpose; half of them are another question.
        for (var mask = 1; mask < 1 << numbers.Count; mask++)
        {
            var part = numbers.Where((_, index) => (mask & (1 << index)) != 0).ToList();
            if (part.Count > 1 && part.Count >= numbers.Count - 1 && Is(part.Average()))
            {
                return true;
            }
        }

        return false;
    }

    private static double Median(List<double> numbers)
    {
        var sorted = numbers.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>Records with the same members, some of which are numbers.</summary>
    private sealed class Table
    {
        private static readonly string[] NoMeasure = ["id", "number", "no", "nr", "index", "rank", "position", "row", "year", "month", "day", "page", "code", "zip", "lat", "lon", "latitude", "longitude", "version", "order"];

        public Table(ToolStep source, JsonElement list, string pointer)
        {
            (Source, Pointer) = (source, pointer);
            Rows = [.. list.EnumerateArray().Select((item, index) => new Row(item, pointer + "/" + index.ToString(CultureInfo.InvariantCulture)))];
            Columns = [.. Rows[0].Item.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Number && !ToolWords.Of(member.Name).Any(static word => Array.IndexOf(NoMeasure, word) >= 0))
                .Select(static member => member.Name).Where(name => Rows.TrueForAll(row => row.NumberOf(name) is not null))];
        }

        public ToolStep Source { get; }

        public string Pointer { get; }

        public List<Row> Rows { get; }

        public List<string> Columns { get; }

        // The only one, the one that the user named, or the one of whose numbers the sentence tells the record's own.
        public string? ColumnOf(Row row, string sentence, string asked) => Columns is [var only] ? only
            : Columns.FindAll(name => PlainWords.Split(PlainWords.Of(asked)).Any(word => ToolWords.Of(name).Any(part => part.Length > 3 && word.TrimEnd('s') == part.TrimEnd('s')))) is [var named] ? named
            : Columns.FindAll(name => Quantity.In(sentence).Any(told => row.NumberOf(name) is { } number && Math.Abs(number) >= 10 && KnownNumbers.AreSame(number, told.Value))) is [var told] ? told : null;
    }

    private sealed record Row(JsonElement Item, string Pointer)
    {
        public string? Name { get; } = Item.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String).Select(static member => member.Value.GetString()).FirstOrDefault(static text => text!.Any(char.IsLetter) && !CalendarForm.Is(text!));

        public double? NumberOf(string member) => Item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
    }

    [GeneratedRegex(
        @"(?<most>\b(?:highest|largest|biggest|greatest|longest|heaviest|most expensive|priciest|the most|tallest|höchste\w*|größte\w*|meiste\w*|teuerste\w*|längste\w*|schwerste\w*|la plus (?:élevée?|grande?|chère)|le plus (?:élevé|grand|cher|gros)|plus (?:élevée?s?|grande?s?)|más (?:alt[oa]|car[oa]|grande)|mayor|più (?:alt[oa]|car[oa]|grande)|maggiore|mais (?:alt[oa]|car[oa])|maior|hoogste|grootste|duurste|høyeste|største|högst\w*)\b|最大|最高|一番(?:高|大))"
        + @"|\b(?:lowest|smallest|cheapest|least expensive|fewest|the least|shortest|lightest|niedrigste\w*|kleinste\w*|billigste\w*|günstigste\w*|kürzeste\w*|wenigste\w*|moins (?:élevée?s?|chère?s?|cher)|la plus (?:basse|petite)|le plus (?:bas|petit)|más (?:baj[oa]|barat[oa]|pequeñ[oa])|menor|più (?:bass[oa]|piccol[oa])|meno car[oa]|mais (?:baix[oa]|barat[oa])|laagste|kleinste|goedkoopste|laveste|minste|billigste|lägst\w*)\b|最小|最低|最安|一番(?:安|小|低)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Extremes();

    [GeneratedRegex(@"\b(?:how many|number of|count|wie viele|Anzahl|combien|cuánt[oa]s|quant[ie]|quant[oa]s|hoeveel|hvor mange|hur många)\b|いくつ|何件|何個|多少|几个", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex HowMany();

    [GeneratedRegex(@"\b(?:average|mean|Durchschnitt\w*|Mittelwert|Schnitt|moyenne|promedio|media|média|gemiddelde?|gjennomsnitt\w*|genomsnitt\w*|median\w*|médiane|mediana|mediaan)\b|平均|中央値", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Means();

    // Not of all that is listed.
    [GeneratedRegex(@"\bfor (?:a|an|my|our|us|me|\d+)\b|\b(?:für (?:ein\w*|mein\w*|unser\w*|\d+)|pour (?:une?|mon|ma|notre|\d+)|para (?:un[ao]?|mi|\d+)|per (?:un[ao]?|\d+))\b|\b(?:under|below|above|over|less|more than|at least|at most|only|except|excluding|without|other than|second|third|next|available|in stock|active|open|direct|non-?stop|which (?:are|is|has|have)|who (?:are|is|has|have)|that (?:are|is|has|have)|weighted|trimmed|top|with|near|close to|per|each|growth|change|increase|unter|über|mindestens|höchstens|nur|außer|ohne|zweit\w*|verfügbar\w*|gewichtet\w*|moins de|plus de|sauf|sans|seulement|deuxième|disponibles?|pondérée?|menos de|más de|excepto|sin|solo|sólo|segund[oa]|disponible|ponderad[oa]|tranne|senza|second[oa]|disponibil\w+|sem|apenas|alleen|zonder|tweede|beschikbare?)\b|\d{2,}\s*[€$£%]|[€$£]\s*\d", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Restricted();

    [GeneratedRegex(@"\b(?:available|in stock|for (?:a|an|your|\d+)|excluding|except|apart from|besides|among|of those|direct|verfügbar\w*|außer|ohne|sauf|disponible\w*|salvo|excepto|tranne)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Excuse();

    [GeneratedRegex(@"\b(?:about|around|approximately|roughly|nearly|almost|over|under|weighted|excluding|without|except|circa|ca|rund|etwa|ungefähr|knapp|gewichtet\w*|ohne|environ|presque|sans|pondérée?|aproximadamente|casi|unos|sin|ponderad[oa]|quasi|senza|cerca de|ongeveer)\b|[~≈]|約", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex About();

    [GeneratedRegex(@"""(?:has_more|hasMore|next_cursor|nextCursor|next_page|nextPageToken|next_page_token|next|truncated)""\s*:\s*(?!null|false|"""")", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex More();

    [GeneratedRegex(@"\d[\d.,]*(?<![.,])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Figures();
}

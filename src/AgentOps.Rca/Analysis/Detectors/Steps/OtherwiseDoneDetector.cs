using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A change that was made with another value than the user had said and the answer repeats: another record, address, day or hour, which stands in
/// nothing that the run had seen; or from and to exchanged; or so many or so much where the user had said another number. Three records speak here, and
/// two of them agree against the call.
/// </summary>
internal sealed partial class OtherwiseDoneDetector : IDetector
{
    private const double Strength = 2.4;
    private const int MostText = 100;

    private enum Kind
    {
        Address,
        Name,
        Day,
        Hour,
    }

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer }
            || run.Tools.LastOrDefault(tool => tool is { Failure: null, IsHandoff: false, Asker: not null, Arguments.Value.ValueKind: JsonValueKind.Object, Commands.Count: 0 } && ToolWords.Writes(tool.Tool) && tool.Number < model.Number) is not { Asker: { } asker } call)
        {
            return [];
        }

        var said = run.SaidByUsers(asker).Distinct().ToList();
        if (said.Count == 0)
        {
            return [];
        }

        return Exchanged(call, asker, said) is { } exchanged ? [exchanged] : Other(run, call, asker, answer, said) is { } other ? [other] : Amount(run, answer) is { } amount ? [amount] : [];
    }

    // The last change may be another one: who buys tickets sends them, too.
    private static Finding? Amount(AgentRun run, Passage answer)
    {
        foreach (var call in run.Tools.Where(tool => tool is { Failure: null, IsHandoff: false, Asker: not null, Arguments.Value.ValueKind: JsonValueKind.Object, Commands.Count: 0 } && ToolWords.Writes(tool.Tool) && tool.Number < run.Answering!.Number))
        {
            if (SaidAmount.Find(run, call, answer, run.SaidByUsers(call.Asker).Distinct().ToList()) is { } found)
            {
                return Describe(call.Asker!, call, found.Given, found.Given.Value.GetRawText(), found.User, found.Words, answer,
                    $"while the user had said {StepFindings.Quote(found.Words, 60)}, and neither what the run had seen nor the answer says {found.Given.Value.GetRawText()}");
            }
        }

        return null;
    }

    private static Finding? Other(AgentRun run, ToolStep call, ModelStep asker, Passage answer, List<Passage> said)
    {
        KnownText? known = null;
        foreach (var kind in Enum.GetValues<Kind>())
        {
            var users = said.SelectMany(text => In(kind, text.Text).Select(value => (Value: value, Text: text))).DistinctBy(pair => pair.Value.Key).ToList();
            if (users is not [var user])
            {
                continue;
            }

            var given = ResultValue.In(call, call.Arguments!.Value)
                .Where(static value => value.Value.ValueKind == JsonValueKind.String && value.Value.GetString()!.Length <= MostText)
                .SelectMany(value => In(kind, value.Value.GetString()!).Select(found => (Found: found, Value: value))).ToList();
            if (given.Count == 0 || given.Exists(one => one.Found.Key == user.Value.Key))
            {
                continue;
            }

            var told = In(kind, answer.Text).Select(static value => value.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var (found, value) in given.Where(one => told.Contains(user.Value.Key) && !told.Contains(one.Found.Key) && (kind != Kind.Name || EarlierForms.IsAlike(one.Found.Text, user.Value.Text))))
            {
                // "22 to 26 September": the first day of the two is written without its month.
                if (kind == Kind.Day && !MethodVersion.IsBefore(5) && said.Exists(text => Regex.IsMatch(text.Text, $@"(?<![\d.,:-])0?{int.Parse(found.Key[^2..], CultureInfo.InvariantCulture)}(?![\d:]|[.,]\d)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))))
                {
                    continue;
                }

                // Many calendars end on the day after the last one.
                if (kind == Kind.Day && !MethodVersion.IsBefore(5) && ToolWords.Of(value.Name).Any(static word => word is "end" or "until" or "to" or "ends" or "checkout" or "departure" or "return")
                    && SaidDay.In(found.Text).FirstOrDefault() is { } end && SaidDay.In(user.Value.Text).FirstOrDefault() is { } last && last.DaysFrom(end.Day) == 1)
                {
                    continue;
                }

                known ??= KnownText.Before(run, call);
                if (known.IsWhole && !known.Texts.SelectMany(text => In(kind, text)).Any(other => other.Key == found.Key))
                {
                    return Describe(asker, call, value, found.Text, user.Text, user.Value.Text, answer,
                        $"while the user had said {StepFindings.Quote(user.Value.Text, 60)} and the answer says so, too");
                }
            }
        }

        return null;
    }

    // "from ACC-2 to ACC-1" became from ACC-1 to ACC-2.
    private static Finding? Exchanged(ToolStep call, ModelStep asker, List<Passage> said)
    {
        var members = call.Arguments!.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String).ToList();
        var from = members.FindAll(static member => ToolWords.Of(member.Name).Any(static word => word is "from" or "source" or "origin" or "sender" or "debit"));
        var to = members.FindAll(static member => ToolWords.Of(member.Name).Any(static word => word is "to" or "target" or "dest" or "destination" or "recipient" or "credit"));
        if (from is not [var source] || to is not [var target] || source.Value.GetString() is not { Length: > 1 and <= MostText } given || target.Value.GetString() is not { Length: > 1 and <= MostText } other || given == other)
        {
            return null;
        }

        foreach (var text in said)
        {
            var match = Regex.Match(
                text.Text, $@"\bfrom\b[^.?!\n]{{0,60}}?(?<!\w){Regex.Escape(other)}(?!\w)[^.?!\n]{{0,40}}?\bto\b[^.?!\n]{{0,60}}?(?<!\w){Regex.Escape(given)}(?!\w)",
                RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            if (match.Success)
            {
                var value = new ResultValue(source.Name, source.Value, call.Arguments.Value, JsonPointers.Step(source.Name), call);
                return Describe(asker, call, value, given, text, match.Value, null,
                    $"and {Words.Short(other, 40)} as {Words.Name(target.Name)}, while the user had said {StepFindings.Quote(match.Value, 100)}: they are exchanged");
            }
        }

        return null;
    }

    private static Finding Describe(ModelStep asker, ToolStep call, ResultValue value, string given, Passage user, string words, Passage? answer, string against) => StepFindings.At(
        asker, "otherwise_done", "wrong_argument", Proof.Provenance, Strength,
        $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {Words.Short(given, 60)} as {Words.Name(value.Name)}, {against}.",
        [
            call.Arguments!.Say($"{StepFindings.Say(call)} was given {Words.Short(given, 60)}.", value.Pointer, value.Value.ToString()),
            user.Say("What the user had said.", words),
            .. answer is null ? (IEnumerable<Fact>)[] : [answer.Say("What the answer says.")],
        ],
        $"Have {StepFindings.Say(call)} give back what it did in words that go into the answer, and let the user confirm them before anything is changed.", "otherwise_done", explains: [call]);

    // A key that is the same however the value is written, and the value as it is written.
    private static IEnumerable<(string Key, string Text)> In(Kind kind, string text) => kind switch
    {
        Kind.Address => Address().Matches(text).Select(static match => (match.Value.ToUpperInvariant(), match.Value)),
        Kind.Name => Identifiers.In(Address().Replace(text, " ")).Select(static name => (name.TrimStart('#').ToUpperInvariant(), name)),
        Kind.Day => SaidDay.In(text).Where(day => !Zoned().IsMatch(text, day.Index + day.Text.Length)).Select(static day => (day.Day.ToString("MM-dd", CultureInfo.InvariantCulture), day.Text)),
        _ => Hour().Matches(text).Select(static match => (KeyOfHour(match), match.Value)),
    };

    private static string KeyOfHour(Match match)
    {
        var hour = int.Parse(match.Groups["hour"].ValueSpan, CultureInfo.InvariantCulture);
        hour = match.Groups["half"].Value.ToUpperInvariant() switch { "P" when hour < 12 => hour + 12, "A" when hour == 12 => 0, _ => hour };
        return $"{hour}:{(match.Groups["minute"] is { Success: true, Value: var minute } ? minute : "00")}";
    }

    [GeneratedRegex(@"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Address();

    // A day of a time in UTC may be another one where the user is.
    [GeneratedRegex(@"\GT\S*(?:Z|[+-]\d\d:?\d\d)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Zoned();

    [GeneratedRegex(@"(?<![\d:.,-])(?:(?<hour>[01]?\d|2[0-3]):(?<minute>[0-5]\d)(?:\s?(?<half>[AaPp])\.?[Mm]\b)?|(?<hour>1[0-2]|[1-9])\s?(?<half>[AaPp])\.?[Mm]\b)(?!:?[\d]*(?:\.\d+)?(?:Z|[+-]\d\d))", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hour();
}

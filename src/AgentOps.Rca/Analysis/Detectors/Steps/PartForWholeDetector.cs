using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>An answer that says of all that were asked for that they are done, where calls of one tool did some of them and no call had to do with the others.</summary>
internal sealed partial class PartForWholeDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostItems = 60;
    private const int FewestDone = 2;
    private const int FewestLetters = 3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || run.IsCut || Excuse().IsMatch(answer.Text) || run.Tools.Any(static tool => tool.IsHandoff || tool.Arguments is null || tool.Commands.Count > 0))
        {
            return [];
        }

        var isWhole = run.SaidByUsers().Any(static text => Whole().IsMatch(text.Text));
        foreach (var sentence in Sentences.In(answer.Text).Where(static sentence => !Later().IsMatch(sentence)))
        {
            // Each of them is named as done.
            if (EnumeratedIn(run).FirstOrDefault(items => items.TrueForAll(item => Holds(sentence, item)) || Whole().IsMatch(sentence)) is { } named && Find(run, model, named) is { } some && AnswerSigns.Of(answer.Text) != AnswerSign.Failure && !some.Missing.Exists(item => IsLeftOut(run, item)))
            {
                return [Describe(run, model, answer, sentence, null, named.Count, some.Done, some.Missing)];
            }

            if (!isWhole || !Whole().IsMatch(sentence))
            {
                continue;
            }

            // Of a list that a result gave some may be meant, unless somebody said how many.
            var told = SpelledNumber.In(sentence).Select(static one => one.Value).ToList();
            var count = told.Concat(run.SaidByUsers().SelectMany(static text => SpelledNumber.In(text.Text)).Select(static one => one.Value)).ToList();
            foreach (var (source, items) in ListsIn(run, model).Where(list => list.Source is null ? told.Count == 0 || told.Contains(list.Items.Count) : count.Contains(list.Items.Count)))
            {
                if (Find(run, model, items) is { } found && !found.Missing.Exists(item => IsLeftOut(run, item)))
                {
                    return [Describe(run, model, answer, sentence, source, items.Count, found.Done, found.Missing)];
                }
            }
        }

        return [];
    }

    // What a result lists by texts, or the user between brackets or behind a colon.
    private static IEnumerable<(ToolStep? Source, List<string> Items)> ListsIn(AgentRun run, ModelStep model)
    {
        foreach (var tool in run.Tools.Where(tool => tool is { Failure: null, Result: not null } && tool.Number < model.Number))
        {
            foreach (var list in ResultValue.In(tool, tool.Result!.Value).Where(static value => value.Value.ValueKind == JsonValueKind.Array && value.Value.GetArrayLength() is > FewestDone and <= MostItems))
            {
                var items = list.Value.EnumerateArray().ToList();
                if (items.TrueForAll(static item => item.ValueKind == JsonValueKind.String && item.GetString()!.Length >= FewestLetters))
                {
                    yield return (tool, [.. items.Select(static item => item.GetString()!).Distinct(StringComparer.OrdinalIgnoreCase)]);
                }
                else if (items.TrueForAll(static item => item.ValueKind == JsonValueKind.Object && IdOf(item) is not null))
                {
                    yield return (tool, [.. items.Select(static item => IdOf(item)!).Distinct(StringComparer.OrdinalIgnoreCase)]);
                }
            }
        }

        foreach (Match match in run.SaidByUsers().SelectMany(static text => Listed().Matches(text.Text)))
        {
            var items = match.Groups["list"].Value.Split([",", " and ", " und ", " et ", " y ", " e ", " en "], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static item => item.Trim('.', '"', '\'', '`')).ToList();
            if (items.Count > FewestDone && items.TrueForAll(static item => item.Length is >= FewestLetters and <= 60 && item.Count(static sign => sign == ' ') < 4))
            {
                yield return (null, items);
            }
        }
    }

    // What a user counts up: a1, a2 and a3.
    private static IEnumerable<List<string>> EnumeratedIn(AgentRun run) => run.SaidByUsers().SelectMany(static text => Enumerated().Matches(text.Text))
        .Select(static match => match.Groups["item"].Captures.Select(static item => item.Value.TrimEnd('.')).ToList()).Where(static items => items.Count is > FewestDone and <= MostItems && items.TrueForAll(static item => item.Any(char.IsAsciiDigit) || item.Contains('.', StringComparison.Ordinal) || item.Contains('_', StringComparison.Ordinal) || item.Contains('@', StringComparison.Ordinal) || item.Contains('/', StringComparison.Ordinal)));

    private static bool Holds(string text, string item) => Regex.IsMatch(text, $@"(?<![\w-]){Regex.Escape(item)}(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static string? IdOf(JsonElement item) => item.EnumerateObject().FirstOrDefault(static member => ToolWords.Of(member.Name) is ["id"] or [.., "id"] or ["name"] or ["path"] or ["email"]) is { Value.ValueKind: JsonValueKind.String or JsonValueKind.Number } id && id.Value.ToString().Length >= FewestLetters ? id.Value.ToString() : null;

    // One tool was given some of them, one after the other, and no call anything of the others.
    private static (List<ToolStep> Done, List<string> Missing)? Find(AgentRun run, ModelStep model, List<string> items)
    {
        foreach (var calls in run.Tools.Where(tool => tool is { Failure: null } && tool.Number < model.Number && !Changes.Reads(tool.Tool)).GroupBy(static tool => tool.Tool).Select(static group => group.ToList()))
        {
            var done = calls.FindAll(call => items.Count(item => IsGiven(call, item)) == 1);
            var missing = items.FindAll(item => !run.Tools.Any(tool => tool.Arguments is { } arguments && (item.Length > FewestLetters ? arguments.Text.Contains(item, StringComparison.OrdinalIgnoreCase) : Holds(arguments.Text, item))));
            var covered = items.Count(item => done.Exists(call => IsGiven(call, item)));
            if (done.Count == calls.Count && covered >= FewestDone && missing.Count > 0 && covered + missing.Count == items.Count)
            {
                return (done, missing);
            }
        }

        return null;
    }

    private static bool IsGiven(ToolStep call, string item) => call.Arguments!.Value.ValueKind == JsonValueKind.Object && Changes.GivenTo(call).Any(value => value.Value.ToString().Equals(item, StringComparison.OrdinalIgnoreCase));

    // A user, an instruction or a result may say why it was not to be done.
    private static bool IsLeftOut(AgentRun run, string item) => run.SaidByUsers().Concat(run.Instructions).SelectMany(static text => Sentences.In(text.Text)).Any(sentence => Holds(sentence, item) && Not().IsMatch(sentence))
        || run.Tools.Any(tool => tool.Result is { } result && Regex.IsMatch(result.Text, $@"{Regex.Escape(item)}[^}}\]\n]{{0,80}}(?:true|done|already|complete|exists|skip|exclu|archiv|inactive|false)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, string sentence, ToolStep? source, int count, List<ToolStep> done, List<string> missing)
    {
        var name = StepFindings.Say(done[0]);
        var left = string.Join(", ", missing.Take(4).Select(static item => StepFindings.Quote(item, 40))) + (missing.Count > 4 ? " and others" : "");
        return StepFindings.At(
            model, "part_for_whole", "claimed_without_action", Proof.Provenance, Strength,
            Words.Invariant($"{StepFindings.Say(model)} told the user {StepFindings.Quote(sentence, 120)}, but {name} was called for {done.Count} of the {count}; no call was given {left}."),
            [
                answer.Say("What the answer claims.", StepFindings.Head(sentence)),
                .. source is { Result: { } result } ? (Fact[])[result.Say($"{StepFindings.Say(source)} had listed {Words.Count(count, "thing")}, {StepFindings.Quote(missing[0], 40)} among them.", "", missing[0])] : [],
                .. done.TakeLast(3).Select(call => call.Arguments!.Say($"{name} was called for this one.")),
            ],
            $"Have code go through the list and count what {name} did before the answer says that it is done.", "part_for_whole", explains: run.Runs);
    }

    [GeneratedRegex(@"\b(?:all|both|every(?:thing)?|each|alle[nrs]?|sämtliche\w*|jede[nrs]?|tous|toutes|chaque|todos|todas|cada|tutti|tutte|ogni|elk|iedere?)\b|全部|すべて|全て|所有", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\b(?:except|apart from|other than|but not|skipp\w+|remaining|rest|not (?:yet|done|able)|could not|couldn['’]t|fail\w*|already|außer|bis auf|übrig\w*|restlich\w*|noch nicht|bereits|sauf|restants?|déjà|pas encore|excepto|salvo|restantes?|ya|todavía|tranne|rimanent\w+|già|exceto|restantes|já|behalve|overige)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Excuse();

    [GeneratedRegex(@"\b(?:will|going to|would|can|could|should|not|n['’]t|werde\w*|wird|kann|nicht|vais|peux|pas|voy|puedo|no|vou|posso|não|posso|non|zal|kan|niet)\b|\?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Later();

    [GeneratedRegex(@"\b(?:not|no|never|n['’]t|except|skip|without|leave|ignore|nicht|kein\w*|außer|ohne|pas|sauf|sans|excepto|sin|salvo|non|tranne|senza|não|exceto|sem|niet|behalve|zonder)\b|n['’]t\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Not();

    [GeneratedRegex(@"(?<![\w./@-])(?<item>[\w./@-]{1,60})(?:,\s(?:and |und |et |y |e |en )?(?<item>[\w./@-]{1,60})){1,40}(?:,?\s(?:and|und|et|y|e|en|&)\s(?<item>[\w./@-]{1,60}))?(?![\w/@-])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Enumerated();

    [GeneratedRegex(@"(?:\(|:\s)(?<list>[^()\n:;]{5,400}(?:,| and | und | et | y | e | en )[^()\n:;.]{2,100})(?:\)|\.|\z)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Listed();
}

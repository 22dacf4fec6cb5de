using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>What came of each failed tool call: whether a later call made it good, and what the run's answer makes of it.</summary>
internal static partial class Outcomes
{
    public static void Judge(AgentRun run)
    {
        var claims = run.Answer is { } answer ? AnswerSigns.Of(answer.Text) : AnswerSign.None;
        var lastTold = new Lazy<int>(() => LastToldChange(run));
        foreach (var failed in run.Tools.Where(tool => tool.Failure is not null).ToList())
        {
            failed.RepairedBy = MadeGoodBy(run, failed) ?? AskedElsewhere(run, failed) ?? Siblings.InsteadOf(run, failed);
            failed.Outcome = failed.RepairedBy is not null ? FailureOutcome.Repaired
                : failed.Failure is { Category: "not_found", NeedsClaim: false } && claims is not AnswerSign.Failure && !ToolWords.Writes(failed.Tool) && !IsOwnFault(failed) && !(claims is AnswerSign.Success && IsClaimed(run, failed)) ? FailureOutcome.Handled
                : WentOn(run, failed) || WentAround(run, failed, claims) || DidWithout(failed, lastTold) || IsGone(run, failed) || IsFinding(run, failed, claims) || IsRule(run, failed, claims)
                    || DidAnother(run, failed) || IsToldAsUnrelated(run, failed) || IsToldState(run, failed) || IsReproduced(run, failed) ? FailureOutcome.Handled
                : claims is AnswerSign.Success ? FailureOutcome.Ignored
                : FailureOutcome.NotRepaired;

            // Output that speaks of failures is the work of whoever put them right or tells of them.
            if (failed.Failure!.IsOnlySaid && claims is AnswerSign.Failure && failed.Outcome is FailureOutcome.NotRepaired && !MethodVersion.IsBefore(5))
            {
                failed.Outcome = FailureOutcome.Handled;
            }
            else if ((failed.Failure!.IsOnlySaid && (failed.Outcome is FailureOutcome.Repaired or FailureOutcome.Handled || claims is AnswerSign.Failure)) || (failed.Failure.NeedsClaim && failed.Outcome is not FailureOutcome.Ignored))
            {
                (failed.Failure, failed.Outcome, failed.RepairedBy) = (null, FailureOutcome.None, null);
            }
        }
    }

    private static ToolStep? MadeGoodBy(AgentRun run, ToolStep failed)
    {
        var later = run.Tools.Where(later => later.Number > failed.Number && later.Failure is null);
        if (MethodVersion.IsBefore(5))
        {
            return later.FirstOrDefault(call => call.Tool == failed.Tool && IsAbout(failed, call));
        }

        var asked = new Lazy<string>(() => string.Join('\n', run.SaidByUsers(failed).Select(static text => text.Text)));
        return later.FirstOrDefault(call => SameWork.Is(failed, call, asked));
    }

    // Looking around in a shell finds out what is not there, and a program that is missing is done without: both are how the work is done where a later
    // command succeeded and the answer does not tell of trouble.
    private static bool WentAround(AgentRun run, ToolStep failed, AnswerSign claims) => !MethodVersion.IsBefore(5) && claims is not AnswerSign.Failure
        && (CommandCall.OnlyLooks(failed) || CommandCall.IsMissingProgram(failed))
        && run.Tools.Any(later => later.Number > failed.Number && later.Failure is null && later.Commands.Count > 0);

    // What only looks at things failed, and what was asked for was done all the same: the answer tells of a later call that changed it.
    private static bool DidWithout(ToolStep failed, Lazy<int> lastTold) => !MethodVersion.IsBefore(5)
        && !ToolWords.Writes(failed.Tool) && failed.Commands.Count == 0 && lastTold.Value > failed.Number;

    // The last change that the answer tells of, by what the call was given; below all steps when there is none.
    private static int LastToldChange(AgentRun run) => run.Answer is not { } answer ? -1
        : run.Tools.LastOrDefault(call => call is { Failure: null, IsHandoff: false } && ToolWords.Writes(call.Tool)
            && call.Targets.Concat(Given(call)).Any(text => answer.Text.Contains(text, StringComparison.OrdinalIgnoreCase)))?.Number ?? -1;

    // What was to go is not there, and the answer says so.
    private static bool IsGone(AgentRun run, ToolStep failed) => !MethodVersion.IsBefore(5) && failed.Failure!.Category == "not_found" && run.Answer is { } answer
        && ToolWords.Of(failed.Tool).Any(static word => word is "delete" or "remove" or "cancel" or "unsubscribe" or "revoke" or "drop" or "stop" or "kill" or "purge" or "uninstall" or "unlink")
        && Gone().IsMatch(answer.Text);

    [GeneratedRegex(@"\b(?:already (?:gone|deleted|removed|cancell?ed|stopped)|nothing (?:had |has |was |is )?(?:to (?:be )?)?(?:delete|remove|cancel|do\b|stop)|there (?:is|was) no|(?:does|did)(?: not|n['’]t) exist|no longer exists?|no such)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Gone();

    // A command that was to bring something about did not, and the answer says that it is so: what it needed was not there, and that was nobody's question.
    private static bool IsClaimed(AgentRun run, ToolStep failed) => !MethodVersion.IsBefore(5) && run.Answer is { } answer
        && CommandCall.BringsAbout(failed) && !CommandCall.IsMissingProgram(failed) && CommandCall.TextOf(failed) is { } command
        && TellingWord().Matches(command).Any(word => answer.Text.Contains(word.Value, StringComparison.OrdinalIgnoreCase));

    // What was chosen is gone meanwhile, which is no error of anybody's; another one of those that were found was taken, and the answer tells of that one.
    private static bool DidAnother(AgentRun run, ToolStep failed) => !MethodVersion.IsBefore(5) && run.Answer is { } answer
        && failed.Failure is { IsStatus: false, Category: "error" or "conflict" or "not_found" } failure && Taken().IsMatch(failure.Words)
        && !run.SaidByUsers(failed).Any(said => failed.Targets.Any(target => said.Text.Contains(target, StringComparison.OrdinalIgnoreCase)))
        && run.Tools.Any(later => later.Number > failed.Number && later.Tool == failed.Tool && later is { Failure: null, Result: not null }
            && Identifiers.In(later.Result.Text).Concat(later.Targets).Any(id => !failed.Targets.Contains(id) && answer.Text.Contains(id, StringComparison.OrdinalIgnoreCase)));

    // The answer shows the error and says that it has nothing to do with what was asked for.
    private static bool IsToldAsUnrelated(AgentRun run, ToolStep failed) => !MethodVersion.IsBefore(5) && run.Answer is { } answer && Unrelated().IsMatch(answer.Text)
        && TellingWord().Matches(failed.Failure!.Words.Length > 0 ? failed.Failure.Words : (failed.Result ?? failed.Told)?.Text ?? "")
            .Any(word => answer.Text.Contains(word.Value, StringComparison.OrdinalIgnoreCase));

    // What there was already, or was not there, was found out by the call, and the answer passes that on.
    private static bool IsToldState(AgentRun run, ToolStep failed) => !MethodVersion.IsBefore(5) && run.Answer is { } answer && failed.Failure is { Category: not ("timeout" or "unreachable" or "server_error" or "rate_limited") } failure
        && ((IsThere().IsMatch(failure.Words) && IsThere().IsMatch(answer.Text)) || (failure.Category == "not_found" && IsNotThere().IsMatch(answer.Text)
            && run.SaidByUsers(failed).Any(said => failed.Targets.Any(target => said.Text.Contains(target, StringComparison.OrdinalIgnoreCase)))));

    // To see it fail was what the user had asked for, and the answer says how it does.
    private static bool IsReproduced(AgentRun run, ToolStep failed) => !MethodVersion.IsBefore(5) && run.Answer is { } answer && run.SaidByUsers(failed).Any(static said => AsksToReproduce().IsMatch(said.Text))
        && TellingWord().Matches(failed.Failure!.Words.Length > 0 ? failed.Failure.Words : (failed.Result ?? failed.Told)?.Text ?? "")
            .Any(word => answer.Text.Contains(word.Value, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"\balready\b|\bexists\b|\btaken\b|\bin use\b|\boccupied\b|\bwas there\b|\b(?:schon|bereits|déjà|ya (?:existe|está)|già|já)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IsThere();

    [GeneratedRegex(@"\b(?:no (?:such|\w+ with)|not (?:found|valid|exist\w*)|(?:does|did|do)(?: not|n['’]t) exist|no longer (?:exists|valid)|(?:could|can)(?: not|n['’]t|not) find|gibt es nicht|n['’]existe pas|no existe|non esiste)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IsNotThere();

    [GeneratedRegex(@"\breproduc\w+|\bfor you,? too\b|\bwhat (?:do )?you (?:get|see)\b|\bwhat happens\b|\b(?:does|do|will|is|are)\b.{0,60}\b(?:fail|crash|break|up|down|reachable|throw)\w*\b.{0,40}\?|\bshow me the (?:error|failure|crash|trace)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AsksToReproduce();

    [GeneratedRegex(@"\bsold[_ -]?out\b|\b(?:no|not any|zero)[_ ](?:more )?(?:free )?(?:rooms?|seats?|slots?|tables?|tickets?|places?|spaces?|spots?|beds?|cars?|vehicles?|availability|vacanc(?:y|ies)|stock)\b|\bfull(?:y)?[_ ]?booked\b|\bout[_ -]of[_ -]stock\b|\balready[_ ](?:taken|booked|reserved|occupied|rented|sold)\b|\bnot?[_ ](?:longer[_ ])?available\b|\boccupied\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Taken();

    [GeneratedRegex(@"\bunrelated\b|\bnothing to do with\b|\bpre-?existing\b|\bnot (?:related to|caused by|from) (?:this|my|the|our|these)\b|\b(?:was|were|existed|failed|fails|broken|there) (?:already |before )+(?:there|this|my|the|failing|broken|failed)?|\balready (?:fail\w*|broken|there|red)\b|\bout of scope\b|\bindependent of\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unrelated();

    private static IEnumerable<string> Given(ToolStep call) => call.Arguments is { Value.ValueKind: JsonValueKind.Object } arguments
        ? arguments.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String).Select(static member => member.Value.GetString()!).Where(static text => text.Length is >= 6 and <= 80)
        : [];

    // A call that was made to find something out did so by failing, and the answer says what it found and not that it could not be found out.
    private static bool IsFinding(AgentRun run, ToolStep failed, AnswerSign claims) => !MethodVersion.IsBefore(5)
        && claims is not AnswerSign.Success && run is { Answer: { } answer, Request: { } request }
        && (failed.Commands.Count > 0 ? AsksToFindOut().IsMatch(request.Text) : !ToolWords.Writes(failed.Tool) && AsksWhether().IsMatch(request.Text))
        && (failed.Commands.Count > 0 || failed.Failure!.Category is not ("timeout" or "unreachable" or "server_error" or "rate_limited") || AsksForLife().IsMatch(request.Text))
        && !Unable().IsMatch(answer.Text)
        && !run.Tools.Any(later => later.Number > failed.Number && later.Failure is not null)
        && TellingWord().Matches(failed.Failure!.Words.Length > 0 ? failed.Failure.Words : (failed.Result ?? failed.Told)?.Text ?? "")
            .Any(word => answer.Text.Contains(word.Value, StringComparison.OrdinalIgnoreCase));

    // A rule of the business said no, and the answer says so: that is what the run was to find out, and nobody can mend it.
    private static bool IsRule(AgentRun run, ToolStep failed, AnswerSign claims) => !MethodVersion.IsBefore(5) && claims is not AnswerSign.Success && run.Answer is { } answer
        && failed.Failure is { IsStatus: false, Category: "error" or "conflict" or "access_denied" } failure && RuleWords().Match(failure.Words) is { Success: true }
        && TellingWord().Matches(failure.Words).Any(word => answer.Text.Contains(word.Value, StringComparison.OrdinalIgnoreCase))
        && !run.Tools.Any(later => later.Number > failed.Number && later.Failure is not null);

    [GeneratedRegex(@"\b(?:(?:refund|return|cancellation|booking|change|claim|exchange|trial|grace|withdrawal|warranty)s? (?:window|period|deadline|policy|limit)\b.{0,40}\b(?:closed|expired|passed|over|ended|exceeded|elapsed|reached)|(?:not|isn['’]t|in)[ _]?eligible\w*|non[- ]?refundable|outside (?:of )?(?:the |its )?(?:\w+ ){0,2}(?:window|period)|(?:daily|monthly|weekly|spending|withdrawal|transfer|credit) limit (?:exceeded|reached)|against (?:the |our )?policy|(?:by|under|per) (?:the |our |company )?policy|policy (?:does not allow|forbids|prohibits)|minimum (?:age|stay|notice|order))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RuleWords();

    [GeneratedRegex(@"\A\W*(?:please |can you |could you )?(?:is|are|does|do|did|has|have|why|which|what|whether|check|find out|reproduce|verify|see (?:if|whether)|tell me|test (?:if|whether)|run (?:the )?(?:\w+ )?(?:tests?|suite|checks?|lint\w*)\b(?! until)(?!.{0,80}\b(?:fix|mend|repair|green|until)))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex AsksToFindOut();

    [GeneratedRegex(@"\A\W*(?:please )?(?:is|are|does|do(?! (?:this|that|it|the|me)\b)|did|has|have|can (?!you\b|we\b)|check (?:that|whether|if)|whether|(?:verify|confirm|test|see) (?:that|whether|if))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AsksWhether();

    [GeneratedRegex(@"\b(?:reach\w*|respond\w*|answer\w*|up|alive|online|available|working|running|healthy|load|ping)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AsksForLife();

    [GeneratedRegex(@"\b(?:could(?: not|n['’]t)|unable|can(?:not|['’]t| not)|was(?: not|n['’]t) able|sorry|apologi[sz]e|unfortunately|try again|later|at the moment|right now)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unable();

    [GeneratedRegex(@"[A-Za-z_][\w.]{5,}|\d{2,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TellingWord();

    // A file that a tool needs for itself is missing: nobody had looked for it.
    private static bool IsOwnFault(ToolStep failed) => !ToolWords.LooksUp(failed.Tool)
        && (failed.Failure!.Words.Contains("no such file", StringComparison.OrdinalIgnoreCase) || failed.Failure.Words.Contains("module", StringComparison.OrdinalIgnoreCase));

    // Another tool that is named for the same thing answered the same question: the timetable instead of the live data.
    private static ToolStep? AskedElsewhere(AgentRun run, ToolStep failed)
    {
        if (failed.Arguments is not { IsEmpty: false } asked)
        {
            return null;
        }

        if (ToolWords.Writes(failed.Tool))
        {
            // The very same was given to another tool that brings it about: an e-mail instead of a text message.
            return MethodVersion.IsBefore(5) ? null : run.Tools.FirstOrDefault(later => later.Number > failed.Number && later.Tool != failed.Tool
                && later is { Failure: null, Arguments: not null } && ToolWords.Writes(later.Tool) && later.Arguments.Key == asked.Key);
        }

        var words = ToolWords.Of(failed.Tool).Where(word => word.Length > 3 && !ToolWords.IsCommonVerb(word)).ToHashSet(StringComparer.Ordinal);
        return run.Tools.FirstOrDefault(later => later.Number > failed.Number && later.Tool != failed.Tool && later is { Failure: null, Arguments: not null, Result.IsEmpty: false }
            && !ToolWords.Writes(later.Tool) && (later.Asker != failed.Asker || (!MethodVersion.IsBefore(5) && later.Arguments.Key == asked.Key)) && words.Overlaps(ToolWords.Of(later.Tool))
            && (later.Arguments.Key == asked.Key || Identifiers.In(later.Arguments.Text).Overlaps(Identifiers.In(asked.Text)) || AsksTheSame(failed, later)));
    }

    // One question in nearly the same words: all that the first was asked for is in the second.
    private static bool AsksTheSame(ToolStep failed, ToolStep later) => !MethodVersion.IsBefore(5)
        && Asked(failed) is { Length: >= 2 } words && Asked(later) is var others && Array.TrueForAll(words, word => others.Contains(word, StringComparer.OrdinalIgnoreCase));

    private static string[] Asked(ToolStep call) => call.Arguments is not { Value.ValueKind: JsonValueKind.Object } arguments ? []
        : [.. arguments.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String).SelectMany(static member => AskedWord().Matches(member.Value.GetString()!)).Select(static word => word.Value)];

    [GeneratedRegex(@"[\p{L}\p{N}]{4,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AskedWord();

    // In a conversation the user was told, and asked for something else or gave what was missing: the call above has dealt with it.
    private static bool WentOn(AgentRun run, ToolStep failed)
    {
        bool IsLater(ModelStep model, AgentStep step) => model.Number > step.Number && (MethodVersion.IsBefore(5) || Conversations.AreSame(run, model, step));
        var told = run.Models.FirstOrDefault(model => IsLater(model, failed) && model.Asked.Count == 0 && model.Said.Any());
        return told is not null && (MethodVersion.IsBefore(5) || told != run.Answering || AnswerSigns.Of(told.Said.Last().Text) == AnswerSign.Failure) && AnswerSigns.Of(told.Said.Last().Text) != AnswerSign.Success
            && run.Models.Any(model => IsLater(model, told) && model.Input.Any(message => message.Role == "user" && message.Texts.Count > 0));
    }

    // The same subject: arguments that share an id, or that have none.
    private static bool IsAbout(ToolStep failed, ToolStep later)
    {
        if (failed.Arguments is null || later.Arguments is null || failed.Arguments.Key == later.Arguments.Key)
        {
            return true;
        }

        var subject = Identifiers.In(failed.Arguments.Text);
        return subject.Count == 0 || Identifiers.In(later.Arguments.Text).Overlaps(subject) || !subject.Overlaps(Identifiers.In(failed.Asker is null ? "" : string.Join(' ', failed.Asker.Input.SelectMany(m => m.Texts).Select(t => t.Text))));
    }
}

using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>What came of each failed tool call: whether a later call made it good, and what the run's answer makes of it.</summary>
internal static class Outcomes
{
    public static void Judge(AgentRun run)
    {
        var claims = run.Answer is { } answer ? AnswerSigns.Of(answer.Text) : AnswerSign.None;
        foreach (var failed in run.Tools.Where(tool => tool.Failure is not null).ToList())
        {
            failed.RepairedBy = MadeGoodBy(run, failed) ?? AskedElsewhere(run, failed);
            failed.Outcome = failed.RepairedBy is not null ? FailureOutcome.Repaired
                : failed.Failure!.Category == "not_found" && claims is not AnswerSign.Failure && !ToolWords.Writes(failed.Tool) && !IsOwnFault(failed) ? FailureOutcome.Handled
                : WentOn(run, failed) || WentAround(run, failed, claims) ? FailureOutcome.Handled
                : claims is AnswerSign.Success ? FailureOutcome.Ignored
                : FailureOutcome.NotRepaired;

            // Output that speaks of failures is the work of whoever put them right or tells of them.
            if (failed.Failure!.IsOnlySaid && (failed.Outcome is FailureOutcome.Repaired or FailureOutcome.Handled || claims is AnswerSign.Failure))
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

        var asked = new Lazy<string>(() => string.Join('\n', run.Models.Where(model => model.Number < failed.Number).SelectMany(model => model.Input)
            .Where(message => message.Role == "user").SelectMany(message => message.Texts).Select(text => text.Text)));
        return later.FirstOrDefault(call => SameWork.Is(failed, call, asked));
    }

    // Looking around in a shell finds out what is not there, and a program that is missing is done without: both are how the work is done where a later
    // command succeeded and the answer does not tell of trouble.
    private static bool WentAround(AgentRun run, ToolStep failed, AnswerSign claims) => !MethodVersion.IsBefore(5) && claims is not AnswerSign.Failure
        && (CommandCall.OnlyLooks(failed) || CommandCall.IsMissingProgram(failed))
        && run.Tools.Any(later => later.Number > failed.Number && later.Failure is null && later.Commands.Count > 0);

    // A file that a tool needs for itself is missing: nobody had looked for it.
    private static bool IsOwnFault(ToolStep failed) => !ToolWords.LooksUp(failed.Tool)
        && (failed.Failure!.Words.Contains("no such file", StringComparison.OrdinalIgnoreCase) || failed.Failure.Words.Contains("module", StringComparison.OrdinalIgnoreCase));

    // Another tool that is named for the same thing answered the same question: the timetable instead of the live data.
    private static ToolStep? AskedElsewhere(AgentRun run, ToolStep failed)
    {
        if (ToolWords.Writes(failed.Tool) || failed.Arguments is not { IsEmpty: false } asked)
        {
            return null;
        }

        var words = ToolWords.Of(failed.Tool).Where(word => word.Length > 3 && !ToolWords.IsCommonVerb(word)).ToHashSet(StringComparer.Ordinal);
        return run.Tools.FirstOrDefault(later => later.Number > failed.Number && later.Tool != failed.Tool && later is { Failure: null, Arguments: not null, Result.IsEmpty: false }
            && !ToolWords.Writes(later.Tool) && later.Asker != failed.Asker && words.Overlaps(ToolWords.Of(later.Tool))
            && (later.Arguments.Key == asked.Key || Identifiers.In(later.Arguments.Text).Overlaps(Identifiers.In(asked.Text))));
    }

    // In a conversation the user was told, and asked for something else or gave what was missing: the call above has dealt with it.
    private static bool WentOn(AgentRun run, ToolStep failed)
    {
        bool IsLater(ModelStep model, AgentStep step) => model.Number > step.Number && (MethodVersion.IsBefore(5) || Conversations.AreSame(run, model, step));
        var told = run.Models.FirstOrDefault(model => IsLater(model, failed) && model.Asked.Count == 0 && model.Said.Any());
        return told is not null && AnswerSigns.Of(told.Said.Last().Text) != AnswerSign.Success
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

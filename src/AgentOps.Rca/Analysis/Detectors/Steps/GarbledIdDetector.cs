using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A lookup that found nothing because the name of the record was garbled: what it was given differs from what a user had written in one character that is missing, added or changed, or in two that
/// are exchanged, and stands in nothing else that the run had seen. The step at fault is the first one that wrote it so.
/// </summary>
internal sealed partial class GarbledIdDetector : IDetector
{
    private const double Strength = 2.9;
    private const int Fewest = 5;
    private const int Most = 24;
    private const int MostText = 20_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in run.Tools.Where(static tool => tool is { IsHandoff: false, Arguments: not null, Commands.Count: 0 } && (tool.Failure is { Category: "not_found" or "bad_arguments" or "error" } || tool.Result is { IsEmpty: true })))
        {
            if (Find(run, call) is { } found)
            {
                return [Describe(run, call, found)];
            }
        }

        return [];
    }

    private static Garbled? Find(AgentRun run, ToolStep call)
    {
        List<(string Value, Passage Text)>? said = null;
        foreach (var given in Name().Matches(call.Arguments!.Text).Select(static match => match.Value).Where(IsName).Distinct(StringComparer.Ordinal))
        {
            said ??= [.. run.Models.Where(model => model.Number < call.Number).SelectMany(static model => model.Input).Where(static message => message.Role == "user").SelectMany(static message => message.Texts)
                .Where(static text => text.Text.Length <= MostText).SelectMany(static text => Name().Matches(text.Text).Select(static match => match.Value).Where(IsName).Select(value => (value, text)))];
            var like = said.FindAll(one => IsSlip(one.Value, given));
            if (like.Select(static one => one.Value).Distinct(StringComparer.OrdinalIgnoreCase).Count() != 1 || said.Exists(one => one.Value.Equals(given, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            // The right one was tried as well, or a result has the other one: then it is another record.
            var meant = like[0];
            var first = run.Tools.First(tool => tool == call || (tool.Number < call.Number && tool.Arguments?.Text.Contains(given, StringComparison.OrdinalIgnoreCase) == true));
            if (!run.Tools.Any(tool => tool.Tool == call.Tool && tool.Arguments?.Text.Contains(meant.Value, StringComparison.OrdinalIgnoreCase) == true)
                && !run.Tools.Any(tool => tool.Number < first.Number && (tool.Result ?? tool.Told)?.Text.Contains(given, StringComparison.OrdinalIgnoreCase) == true))
            {
                return new Garbled(first, given, meant.Value, meant.Text);
            }
        }

        return null;
    }

    private static bool IsName(string word) => word.Length is >= Fewest and <= Most && word.Any(char.IsAsciiDigit) && (word.Any(char.IsAsciiLetter) || word.Length >= Fewest + 1) && !CalendarForm.Is(word);

    // One edit by Damerau and Levenshtein.
    private static bool IsSlip(string said, string given)
    {
        var (left, right) = (said.ToUpperInvariant(), given.ToUpperInvariant());
        if (left == right || Math.Abs(left.Length - right.Length) > 1)
        {
            return false;
        }

        var at = 0;
        while (at < left.Length && at < right.Length && left[at] == right[at])
        {
            at++;
        }

        var (restOfLeft, restOfRight) = (left[at..], right[at..]);
        return left.Length == right.Length
            ? restOfLeft[1..] == restOfRight[1..] && char.IsAsciiDigit(restOfLeft[0]) == char.IsAsciiDigit(restOfRight[0]) && !IsNext(left, right)
                || (restOfLeft.Length > 1 && restOfLeft[0] == restOfRight[1] && restOfLeft[1] == restOfRight[0] && restOfLeft[2..] == restOfRight[2..])
            : left.Length > right.Length ? restOfLeft[1..] == restOfRight : restOfLeft == restOfRight[1..];
    }

    // The record before or after it may be looked for on purpose.
    private static bool IsNext(string left, string right) => left[..^1] == right[..^1] && char.IsAsciiDigit(left[^1]) && char.IsAsciiDigit(right[^1]) && Math.Abs(left[^1] - right[^1]) == 1;

    private static Finding Describe(AgentRun run, ToolStep call, Garbled found)
    {
        var asker = (AgentStep?)found.First.Asker ?? found.First;
        var outcome = call.Failure is { Words.Length: > 0 } failure ? $"failed ({StepFindings.Quote(failure.Words, 100)})" : call.Failure is not null ? "failed" : "returned nothing";
        return StepFindings.At(
            asker, "garbled_id", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} gave {StepFindings.Say(found.First)}{Words.At(found.First.Node.StartNs)} {StepFindings.Quote(found.Given, 40)} where the user had written {StepFindings.Quote(found.Meant, 40)}; {StepFindings.Say(call)} {outcome}, and the right one was never asked for.",
            [
                found.First.Arguments!.Say($"{StepFindings.Say(found.First)} was given {Words.Short(found.Given, 40)}.", "", found.Given),
                found.Text.Say("What the user had written.", found.Meant),
                call.Failure?.Evidence ?? call.Result!.Say($"{StepFindings.Say(call)} returned nothing{Words.At(call.Node.EndNs)}.", Emptiness.Of(call.Result.Value) ?? ""),
            ],
            "Hand names of records on by reference and not by having a model write them again, and compare them with what the user wrote when nothing is found.", "garbled_id",
            explains: run.Tools.Where(tool => tool.Number >= found.First.Number && tool.Arguments?.Text.Contains(found.Given, StringComparison.OrdinalIgnoreCase) == true).SelectMany(static tool => new AgentStep?[] { tool, tool.Asker }).OfType<AgentStep>());
    }

    [GeneratedRegex(@"(?<![\p{L}\p{N}@_-])[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,4}(?![\p{L}\p{N}@_-]|\.\d|:\d)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Name();

    private sealed record Garbled(ToolStep First, string Given, string Meant, Passage Text);
}

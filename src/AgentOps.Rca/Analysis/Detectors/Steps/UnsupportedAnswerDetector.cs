using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Answers that rest on nothing: all that was looked up came back empty and the answer states facts all the same; or the answer says that
/// something was done for which a tool was offered and never called.
/// </summary>
internal sealed partial class UnsupportedAnswerDetector : IDetector
{
    private const double OfEmpty = 2.3;
    private const double OfNoCall = 2.2;

    // The failures before it explain themselves, and not what was made up after them.
    private const double OfFailed = 2.6;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer })
        {
            return [];
        }

        List<Finding> findings = [];
        if (OfEmptyResults(run, model, answer) is { } empty)
        {
            findings.Add(empty);
        }

        if (OfMissingCall(run, model, answer) is { } claimed)
        {
            findings.Add(claimed);
        }

        return findings;
    }

    private static Finding? OfEmptyResults(AgentRun run, ModelStep model, Passage answer)
    {
        var lookups = run.Tools.Where(tool => tool.Number < model.Number && !tool.IsHandoff).ToList();
        var haveFailed = lookups.Exists(static tool => tool.Failure is not null || tool.Result?.IsEmpty == false);
        if (lookups.Count == 0 || !lookups.TrueForAll(BroughtNothing) || AnswerSigns.Of(answer.Text) == AnswerSign.Failure
            || (!MethodVersion.IsBefore(5) && AnswerSigns.TellsOfNone(answer.Text)))
        {
            return null;
        }

        var known = KnownText.Before(run, model);
        var stated = Fact().Matches(answer.Text).Select(match => match.Value).Where(value => !known.Holds(value)).Distinct().Take(4).ToList();

        // A model may answer out of its own knowledge when nothing can be asked, or do the sum itself; a figure with decimals or a unit is not known by heart.
        if (haveFailed)
        {
            var told = KnownNumbers.Told(run);
            stated = stated.FindAll(value => Figure().IsMatch(value) && !known.Holds(value[..(value.AsSpan().LastIndexOfAnyInRange('0', '9') + 1)]) && !Quantity.In(value).Any(number => KnownNumbers.Explain(number, [], told)));
        }

        if (stated.Count == 0)
        {
            return null;
        }

        var nothing = haveFailed ? $"nothing that it had asked for came back: {string.Join(", ", lookups.Take(3).Select(static tool => $"{StepFindings.Say(tool)} {(tool.Failure is not null ? "failed" : tool.Result!.IsEmpty ? "returned nothing" : "returned nothing about it")}"))}"
            : lookups.Count == 1 ? $"the call of {StepFindings.Say(lookups[0])} returned nothing" : $"all {lookups.Count} calls before it returned nothing";
        return StepFindings.At(
            model, "unsupported_answer", "invented_answer", Proof.Provenance, haveFailed ? OfFailed : OfEmpty,
            $"{StepFindings.Say(model)} answered {StepFindings.Quote(answer.Text)} although {nothing}{(haveFailed ? ";" : ":")} {string.Join(", ", stated.Select(value => StepFindings.Quote(value, 40)))} {(stated.Count == 1 ? "does" : "do")} not occur in anything that the run had seen.",
            [
                answer.Say("What the answer states.", stated[0]),
                .. lookups.Take(3).Select(tool => tool.Failure?.Evidence
                    ?? tool.Result!.Say($"{StepFindings.Say(tool)} returned nothing{(tool.Result.IsEmpty ? "" : " about what it was asked for")}{Words.At(tool.Node.EndNs)}.", Emptiness.Of(tool.Result.Value) ?? "")),
            ],
            "Tell the model to say that it found nothing, and check answers against what the tools returned.", "unsupported_answer", explains: lookups);
    }

    private static bool BroughtNothing(ToolStep tool) => tool is { Failure: null, Result.IsEmpty: true }
        || (!MethodVersion.IsBefore(5) && !ToolWords.Writes(tool.Tool) && tool.Commands.Count == 0 && (tool.Failure is not null || IsBesideThePoint(tool)));

    // Not a word of the question is in what a search found.
    private static bool IsBesideThePoint(ToolStep tool) => tool is { Arguments.Value.ValueKind: JsonValueKind.Object or JsonValueKind.String, Result: { } result }
        && ToolWords.Of(tool.Tool).Any(static word => word is "search" or "retrieve" or "retriever" or "retrieval" or "query" or "lookup" or "rag" or "knowledge")
        && AskedWord().Matches(tool.Arguments.Text).Select(static match => match.Value).Distinct(StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 2 } words
        && words.TrueForAll(word => !result.Text.Contains(word[..Math.Min(word.Length, 5)], StringComparison.OrdinalIgnoreCase));

    private static Finding? OfMissingCall(AgentRun run, ModelStep model, Passage answer)
    {
        if (AnswerSigns.Of(answer.Text) != AnswerSign.Success)
        {
            return null;
        }

        // An e-mail is an email.
        var text = MethodVersion.IsBefore(5) ? answer.Text : answer.Text.Replace("-", "", StringComparison.Ordinal);

        // The calls that a run made are known only when its messages and its spans were recorded.
        var offered = run.Models.SelectMany(step => step.Offered.Keys).Distinct(StringComparer.Ordinal).Where(ToolWords.Writes).ToList();
        foreach (var tool in offered.Where(name => run.Tools.All(call => call.Tool != name && call.Call?.Name != name)))
        {
            var verb = ToolWords.Of(tool).First(word => ToolWords.Writes(word));
            var others = run.Tools.Any(call => ToolWords.Writes(call.Tool) && ToolWords.Of(call.Tool).Contains(verb));
            var verbs = MethodVersion.IsBefore(5) ? [verb] : ToolWords.Of(tool).Where(static word => ToolWords.Writes(word)).ToList();
            var match = Claim().Matches(answer.Text).FirstOrDefault(found => verbs.Exists(own => IsFormOf(found.Groups["verb"].Value, own)));
            if (others || match is null || !SubjectsOf(tool, verb, match.Value, run.Request).Any(subject => text.Contains(subject.TrimEnd('s'), StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            return StepFindings.At(
                model, "claimed_action", "claimed_without_action", Proof.Provenance, OfNoCall,
                $"{StepFindings.Say(model)} told the user {StepFindings.Quote(answer.Text)}, but {Words.Name(tool)}, which it was offered for that, was never called in this run.",
                [
                    answer.Say("What the answer claims.", match.Value),
                    run.Models.First(step => step.Offered.ContainsKey(tool)).Offered[tool].Place.Say($"{Words.Name(tool)} was offered."),
                ],
                $"Check claims of the answer against the calls that were made, and let the model call {Words.Name(tool)} before it says that it is done.", "claimed_without_action");
        }

        return null;
    }

    // What a tool such as send_email is about may itself be a verb; then only an answer that speaks of its own deed counts, not of a state.
    private static IEnumerable<string> SubjectsOf(string tool, string verb, string claim, Passage? request) =>
        ToolWords.Subjects(tool).ToList() is { Count: > 0 } subjects ? subjects
        : (claim[0] is 'i' or 'I' or 'w' or 'W' && !claim.StartsWith("was", StringComparison.OrdinalIgnoreCase) && !claim.StartsWith("were", StringComparison.OrdinalIgnoreCase)
            && !claim.StartsWith("is ", StringComparison.OrdinalIgnoreCase))
            || (!MethodVersion.IsBefore(5) && request is not null && ToolWords.Of(tool).Any(word => word != verb && request.Text.Replace("-", "", StringComparison.Ordinal).Contains(word, StringComparison.OrdinalIgnoreCase)))
            ? ToolWords.Of(tool).Where(word => word.Length > 3 && word != verb)
            : [];

    private static bool IsFormOf(string said, string verb)
    {
        var (form, stem) = (said.ToLowerInvariant(), verb.TrimEnd('e'));
        return form == verb + "ed" || form == verb + "d" || form == stem + "ed" || (verb == "send" && form == "sent") || (verb == "pay" && form == "paid") || (verb == "put" && form == "put")
            || (form.StartsWith(stem, StringComparison.Ordinal) && form.EndsWith("ed", StringComparison.Ordinal) && form.Length <= stem.Length + 3);
    }

    // Numbers with what they count, dates, names of records: what an answer cannot know by itself.
    [GeneratedRegex(@"\d+(?:[.,]\d+)*(?:\s?(?:%|€|\$|£|EUR|USD|GBP|years?|months?|weeks?|days?|hours?|minutes?|kg|g|km|m|cm|mm|GB|MB|W|kW|V))?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Fact();

    // Values, and not the names of the arguments.
    [GeneratedRegex(@"(?<![\p{L}_])\p{L}{4,}(?![\p{L}_]*""\s*:)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AskedWord();

    [GeneratedRegex(@"\d[.,]\d{1,2}(?!\d)|\d[.,]\d{4,}|\d\s?[^\d\s.,]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Figure();

    [GeneratedRegex(@"\b(?:i(?:['’]ve| have)?|has been|have been|was|were|is now|we(?:['’]ve| have)?)\s+(?:now |already |just |successfully )*(?<verb>[a-z]+(?:ed|t|id))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Claim();
}

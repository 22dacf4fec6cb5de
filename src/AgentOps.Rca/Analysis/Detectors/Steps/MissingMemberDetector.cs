using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A result without what it is there for: the member that the tool is named after is null, or a member that the results of good runs always
/// had is null or not there; and what was asked for came out incomplete.
/// </summary>
internal sealed partial class MissingMemberDetector : IDetector
{
    /// <summary>The word for what it finds.</summary>
    public const string Kind = "missing_member";

    private const double OfBaseline = 2.1;
    private const double OfName = 1.6;
    private const int EnoughResults = 3;
    private static readonly string[] Found = ["found", "exists", "exist", "is_found", "isFound", "matched", "matches", "count", "total", "registered"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var tool in run.Tools.Where(tool => tool is { Failure: null, Result.Value.ValueKind: JsonValueKind.Object } && !(SaysThatThereIsNone(tool.Result.Value) && IsTold(run))))
        {
            var usual = context.UsualOf(tool.Node)?.Results;
            if (MissingOf(tool, usual) is { } missing && !findings.Exists(known => known.Tool == tool.Node.Tool))
            {
                findings.Add(Describe(run, tool, missing.Name, missing.Pointer, missing.Count));
            }
        }

        return findings;
    }

    // {"found":false,"customer":null} is an answer, and where the run's own answer passes it on, a good one.
    private static bool SaysThatThereIsNone(JsonElement result) => !MethodVersion.IsBefore(5)
        && Array.Exists(Found, name => result.TryGetProperty(name, out var found) && (found.ValueKind == JsonValueKind.False || (found.ValueKind == JsonValueKind.Number && found.GetRawText() == "0")));

    private static bool IsTold(AgentRun run) => run.Answer is { } answer && (AnswerSigns.Of(answer.Text) == AnswerSign.Failure || AnswerSigns.None().IsMatch(answer.Text));

    // "There is no restock date": said of the very thing, or in a language that is not looked at word by word.
    private static bool SaysNoneOf(string answer, ToolStep tool, string name) => !MethodVersion.IsBefore(5)
        && (AnswerSigns.NoneElsewhere().IsMatch(answer) || Sentences.In(answer).Any(sentence => Unknown().IsMatch(sentence)
            && ToolWords.Of(name).Concat(ToolWords.Of(tool.Tool)).Any(word => word.Length > 3 && sentence.Contains(word.TrimEnd('s'), StringComparison.OrdinalIgnoreCase))));

    // That there are none is more than null says.
    [GeneratedRegex(@"\b(?:(?:I|we) (?:have no|could(?: not|n['’]t) (?:find|get)|do(?: not|n['’]t) (?:have|know))|no\b.{0,40}\b(?:yet|known|available|given|on (?:file|record))|not (?:yet )?(?:known|available|given|recorded|set|listed)|unknown|none (?:yet|known|given|on file))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unknown();

    private static (string Name, string Pointer, long Count)? MissingOf(ToolStep tool, Baselines.ArgumentShape? usual)
    {
        var value = tool.Result!.Value;
        if (usual is not null)
        {
            foreach (var (pointer, member) in usual.Members)
            {
                var name = pointer[1..];
                if (name.Contains('/', StringComparison.Ordinal) || member.Count < EnoughResults || member.Count < usual.Samples || member.Kinds.Contains("null"))
                {
                    continue;
                }

                name = name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
                if (!value.TryGetProperty(name, out var found) || found.ValueKind == JsonValueKind.Null)
                {
                    return (name, found.ValueKind == JsonValueKind.Null ? pointer : "", member.Count);
                }
            }

            return usual.Samples >= EnoughResults ? null : OfTheName(tool);
        }

        return OfTheName(tool);
    }

    private static (string Name, string Pointer, long Count)? OfTheName(ToolStep tool)
    {
        var subjects = ToolWords.Of(tool.Tool).Where(word => word.Length > 3).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var member in tool.Result!.Value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null && ToolWords.Of(member.Name).Any(word => word.Length > 3 && subjects.Any(subject => IsSame(subject, word))))
            {
                return (member.Name, JsonPointers.Step(member.Name), 0);
            }
        }

        return null;
    }

    private static bool IsSame(string left, string right) => left.TrimEnd('s') == right.TrimEnd('s');

    private static Finding Describe(AgentRun run, ToolStep tool, string name, string pointer, long count)
    {
        var member = StepFindings.Quote(name, 60);
        var isNull = pointer.Length > 0;
        var asked = tool.Arguments is { } arguments ? $" when it was asked for {StepFindings.Quote(arguments.Text, 80)}" : "";
        var before = count > 0 ? Words.Invariant($", which all of {count} results of good runs had") : "";
        List<Fact> facts = [tool.Result!.Say($"{StepFindings.Say(tool)} returned {(isNull ? $"null for {member}" : $"no {member}")}{Words.At(tool.Node.EndNs)}.", pointer, isNull ? null : "")];
        if (tool.Arguments is { } given)
        {
            facts.Add(given.Say("What it was asked for."));
        }

        // An answer that says so has taken it into account.
        var answer = run.Answer;
        var told = answer is not null && (AnswerSigns.Of(answer.Text) == AnswerSign.Failure || (count == 0 && SaysNoneOf(answer.Text, tool, name)));
        if (answer is not null && !told)
        {
            facts.Add(answer.Say("The answer that was given all the same."));
        }

        return StepFindings.At(
            tool, Kind, "missing_data", told ? Proof.Hint : count > 0 ? Proof.Causal : Proof.Failure, told ? 0.4 : count > 0 ? OfBaseline : OfName,
            $"{StepFindings.Say(tool)} returned {(isNull ? $"null for {member}" : $"a result without {member}")}{asked}{Words.At(tool.Node.EndNs)}{before}"
                + (answer is not null && !told ? $"; the run went on all the same and answered {StepFindings.Quote(answer.Text, 120)}." : "."),
            facts, $"Have {StepFindings.Say(tool)} say that there is none or that it failed instead of {(isNull ? "null" : "leaving it out")}, and check its results before they are used.", "missing_member");
    }
}

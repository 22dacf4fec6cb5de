using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Validates a model's answer on our side, whatever the model's provider promised.</summary>
internal static partial class ModelAnswerReader
{
    public const int MostMore = 8;

    private const int MostHypotheses = 5;
    private const int MostExclusions = 10;
    private const int MostCitations = 10;
    private const int MostText = 900;

    /// <summary>The answer, or null with the sentence that says what is wrong with it.</summary>
    public static ModelAnswer? Read(string text, out string problem)
    {
        problem = "";
        ModelAnswer? answer;
        try
        {
            answer = JsonSerializer.Deserialize(WithoutFence(text), ModelAnswerJsonContext.Default.ModelAnswer);
        }
        catch (JsonException exception)
        {
            problem = text.Length == 0
                ? "It was empty."
                : $"It is not one JSON object of the schema; the first fault is at {exception.Path ?? "$"}.";
            return null;
        }

        problem = answer is null ? "It was null." : FindProblem(answer) ?? "";
        return problem.Length == 0 ? answer : null;
    }

    private static string? FindProblem(ModelAnswer answer)
    {
        if (answer.Verdict is not (ModelAnswer.Cause or ModelAnswer.NothingWrong or ModelAnswer.Unknown))
        {
            return "verdict must be cause, nothing_wrong or unknown.";
        }

        if (answer.Hypotheses is not { Count: <= MostHypotheses } hypotheses)
        {
            return $"hypotheses must be an array of at most {MostHypotheses}.";
        }

        for (var i = 0; i < hypotheses.Count; i++)
        {
            if (FindProblem(string.Create(CultureInfo.InvariantCulture, $"hypotheses[{i}]"), hypotheses[i]) is { } problem)
            {
                return problem;
            }
        }

        return answer.RuledOut is { Count: > MostExclusions } ? $"ruled_out must have at most {MostExclusions} items."
            : answer.RuledOut?.Any(item => item?.Id is null || !IsText(item.Why)) == true ? $"ruled_out must each have an id and a why of 1 to {MostText} characters."
            : answer.More is { Count: > MostMore } || answer.More?.Any(id => id is null) == true ? $"more must be an array of at most {MostMore} ids of steps."
            : null;
    }

    private static string? FindProblem(string place, ModelHypothesis? hypothesis) =>
        hypothesis is null ? $"{place} must not be null."
        : string.IsNullOrEmpty(hypothesis.Step) ? $"{place}.step must be the id of a step."
        : hypothesis.Mechanism is null || !Mechanisms.Contains(hypothesis.Mechanism) ? $"{place}.mechanism must be one of {string.Join(", ", Mechanisms.All)}."
        : hypothesis.Word is { } word && !WordForm.IsMatch(word) ? $"{place}.word must be words in lowercase joined by underscores, or null."
        : hypothesis.Confidence is not (>= 0 and <= 1) ? $"{place}.confidence must be a number from 0 to 1."
        : !IsText(hypothesis.Explanation) ? $"{place}.explanation must be a text of 1 to {MostText} characters."
        : hypothesis.Explains is { Count: > MostCitations } || hypothesis.Explains?.Any(id => id is null) == true ? $"{place}.explains must be an array of at most {MostCitations} ids."
        : hypothesis.Evidence is not { Count: <= MostCitations } ? $"{place}.evidence must be an array of at most {MostCitations}."
        : hypothesis.Evidence.Any(citation => citation?.Id is null) ? $"{place}.evidence must each have an id."
        : null;

    private static bool IsText(string? text) => !string.IsNullOrWhiteSpace(text) && text.Length <= MostText;

    private static string WithoutFence(string text)
    {
        var trimmed = text.Trim();
        return trimmed.StartsWith("```", StringComparison.Ordinal) && trimmed.EndsWith("```", StringComparison.Ordinal)
            && trimmed.IndexOf('\n', StringComparison.Ordinal) is var line and > 0 && trimmed.Length - 3 > line
                ? trimmed[line..^3]
                : trimmed;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex WordForm { get; }
}

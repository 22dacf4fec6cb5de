using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Validates a model's answer on our side, whatever the model's provider promised.</summary>
internal static partial class ModelAnswerReader
{
    private const int MostHypotheses = 5;
    private const int MostClaims = 10;
    private const int MostCitations = 10;
    private const int MostText = 600;

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
        if (answer.Hypotheses is not { Count: <= MostHypotheses } hypotheses)
        {
            return $"hypotheses must be an array of at most {MostHypotheses}.";
        }

        for (var i = 0; i < hypotheses.Count; i++)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"hypotheses[{i}]");
            var problem = hypotheses[i] is not { } hypothesis ? $"{place} must not be null."
                : hypothesis.Category is null || !CategoryForm.IsMatch(hypothesis.Category) ? $"{place}.category must be words in lowercase joined by underscores."
                : hypothesis.Confidence is not (>= 0 and <= 1) ? $"{place}.confidence must be a number from 0 to 1."
                : FindProblem(place + ".cause", hypothesis.Cause) ?? FindProblem(place, hypothesis.Citations);
            if (problem is not null)
            {
                return problem;
            }
        }

        return FindProblem("contributing_factors", answer.ContributingFactors) ?? FindProblem("recommendations", answer.Recommendations);
    }

    private static string? FindProblem(string place, IReadOnlyList<ModelClaim>? claims)
    {
        if (claims is { Count: > MostClaims })
        {
            return $"{place} must have at most {MostClaims} items.";
        }

        return claims?.Select((claim, index) => string.Create(CultureInfo.InvariantCulture, $"{place}[{index}]") is var at && claim is null
                ? $"{at} must not be null."
                : FindProblem(at + ".text", claim!.Text) ?? FindProblem(at, claim.Citations))
            .FirstOrDefault(problem => problem is not null);
    }

    private static string? FindProblem(string place, string? text) =>
        string.IsNullOrWhiteSpace(text) || text.Length > MostText ? $"{place} must be a text of 1 to {MostText} characters." : null;

    private static string? FindProblem(string place, IReadOnlyList<ModelCitation>? citations) =>
        citations is not { Count: <= MostCitations } ? $"{place}.citations must be an array of at most {MostCitations}."
        : citations.Any(citation => citation?.Id is null) ? $"{place}.citations must each have an id."
        : null;

    private static string WithoutFence(string text)
    {
        var trimmed = text.Trim();
        return trimmed.StartsWith("```", StringComparison.Ordinal) && trimmed.EndsWith("```", StringComparison.Ordinal)
            && trimmed.IndexOf('\n', StringComparison.Ordinal) is var line and > 0 && trimmed.Length - 3 > line
                ? trimmed[line..^3]
                : trimmed;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex CategoryForm { get; }
}

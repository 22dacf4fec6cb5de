using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Scoring;

/// <summary>A call of a tool or a model in a run, as the trivial references see it.</summary>
internal sealed record CallStep(string SpanId, string Tool, long StartTs, bool HasFailed)
{
    public bool IsModelCall => Tool.StartsWith(ToolNames.ModelCallPrefix, StringComparison.Ordinal);

    /// <summary>The span as a step; null when it is a log record.</summary>
    public static CallStep? Of(Span span) => span.Tool == ToolNames.Log
        ? null
        : new(span.SpanId, span.Tool, span.StartTs, span.Attributes.TryGetProperty("otel.status_code", out var status) && status.GetString() == "ERROR");
}

/// <summary>Trivial methods on the runs of agents, to see what a figure is worth.</summary>
internal sealed class RunReferences
{
    private const int Draws = 20;

    private readonly List<(string Method, Answer Answer)> _answers = [];
    private readonly Random _random = new(7);

    /// <summary>Adds what each method answers to a run.</summary>
    /// <param name="system">The row that it counts in.</param>
    /// <param name="steps">The run's spans, log records left out.</param>
    /// <param name="isTrue">Whether a step is the truth.</param>
    public void Add(string system, IEnumerable<CallStep> steps, Func<CallStep, bool> isTrue)
    {
        var ordered = steps.OrderBy(step => step.StartTs).ThenBy(step => step.SpanId, StringComparer.Ordinal).ToArray();
        for (var draw = 0; draw < Draws && ordered.Length > 0; draw++)
        {
            Add(Name.Random, ordered[_random.Next(ordered.Length)]);
        }

        Add(Name.FirstError, Array.Find(ordered, step => step.HasFailed));
        Add(Name.LastModelCall, Array.FindLast(ordered, step => step.IsModelCall));
        var frequent = ordered.GroupBy(step => step.Tool).OrderByDescending(tool => tool.Count()).FirstOrDefault();
        Add(Name.MostFrequent, frequent?.First());

        void Add(string method, CallStep? step) => _answers.Add((method, new(system, "", step is not null && isTrue(step) ? 1 : null)));
    }

    public IEnumerable<Row> Rows(string dataset) => _answers.GroupBy(answer => answer.Method, answer => answer.Answer)
        .SelectMany(method => Scores.Of(dataset, method.Key, [.. method]).Select(row => method.Key == Name.Random
            ? row with { N = row.N / Draws, As1Low = null, As1High = null, As3 = null, As3Low = null, As3High = null, As5 = null, As5Low = null, As5High = null }
            : row with { As3 = null, As3Low = null, As3High = null, As5 = null, As5Low = null, As5High = null }));

    private static class Name
    {
        public const string Random = "random step (mean of 20 draws)";
        public const string FirstError = "first error";
        public const string LastModelCall = "last model call";
        public const string MostFrequent = "most frequent step (its first call)";
    }
}

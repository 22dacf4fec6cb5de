using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Steps;

/// <summary>A call of a model, as a conversation tells it.</summary>
internal sealed record ModelTurn(FilePlace Place)
{
    /// <summary>What the file calls it; null where it has no name, and the order tells it from others.</summary>
    public string? Key { get; init; }

    public string? Model { get; init; }

    /// <summary>What it said, as one message in JSON.</summary>
    public string? Message { get; init; }

    /// <summary>Whether it said something and asked for no tool.</summary>
    public bool IsAnswer { get; init; }

    public ulong? Start { get; init; }

    /// <summary>When it had said it.</summary>
    public ulong? Time { get; init; }

    /// <summary>The tokens that it was given, those out of a cache among them.</summary>
    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CacheReadTokens { get; init; }

    public long? CacheWriteTokens { get; init; }

    public string? Finish { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Error { get; init; }

    public string? ErrorType { get; init; }

    /// <summary>Whether the next call is given the same again, since this one failed and is tried again.</summary>
    public bool KeepsGiven { get; init; }

    /// <summary>Other attributes.</summary>
    public List<KeyValuePair<string, OtlpValue>> About { get; } = [];

    /// <summary>Writes what is known of it into its span.</summary>
    public void Describe(OtlpSpan span)
    {
        span.Add("gen_ai.usage.input_tokens", InputTokens);
        span.Add("gen_ai.usage.output_tokens", OutputTokens);
        span.Add("gen_ai.usage.cache_read.input_tokens", CacheReadTokens);
        span.Add("gen_ai.usage.cache_creation.input_tokens", CacheWriteTokens);
        span.Add("gen_ai.response.finish_reasons", Finish);
        foreach (var (name, value) in About)
        {
            span.Attributes.Add(name, value);
        }

        if (Error is not null)
        {
            span.Fail(Error, ErrorType);
        }
    }
}

/// <summary>A tool call that a model asked for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">What it is given: JSON or text.</param>
/// <param name="Time">When it was asked for, or null.</param>
/// <param name="Place">Where that stands.</param>
internal sealed record ToolAsk(string Id, string Tool, string? Arguments, ulong? Time, FilePlace Place)
{
    /// <summary>Whether the id is the file's own.</summary>
    public bool IsNamed { get; init; } = true;
}

/// <summary>What a tool gave back.</summary>
/// <param name="Content">The result: JSON or text.</param>
/// <param name="Time">When, or null.</param>
internal sealed record ToolAnswer(string? Content, ulong? Time)
{
    public bool IsError { get; init; }

    public string? Error { get; init; }

    public string? ErrorType { get; init; }

    /// <summary>How the user ended the call (<see cref="UserWords"/>), which is then no failure of the tool; null when it ended by itself.</summary>
    public string? EndedByUser { get; init; }

    /// <summary>When the call began, where that is known better than when it was asked for.</summary>
    public ulong? Start { get; init; }

    /// <summary>How long the call took, where no time of day is known.</summary>
    public double? Seconds { get; init; }

    public IReadOnlyList<KeyValuePair<string, OtlpValue>> About { get; init; } = [];
}

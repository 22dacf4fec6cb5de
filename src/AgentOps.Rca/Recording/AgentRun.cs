using System.Text.Json;

namespace AgentOps.Rca.Recording;

/// <summary>A run of an agent, <c>agent.run/&lt;name&gt;</c>; disposing it ends it.</summary>
public abstract class AgentRun : IAsyncDisposable
{
    private protected AgentRun(string spanId) => SpanId = spanId;

    /// <summary>The id of the span that records the run.</summary>
    public string SpanId { get; }

    /// <summary>Says what the run came to.</summary>
    /// <param name="result">Any JSON value.</param>
    public void SetResult(JsonElement result) => Set(RecordedResult.Of(result));

    /// <summary>Says what the run came to.</summary>
    /// <param name="result">The agent's answer.</param>
    public void SetResult(string result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Set(RecordedResult.Of(result));
    }

    /// <summary>Says that the run failed.</summary>
    /// <param name="failure">Why.</param>
    public void Fail(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Set(RecordedResult.Of(failure));
    }

    /// <summary>Ends the run.</summary>
    public abstract ValueTask DisposeAsync();

    private protected abstract void Set(RecordedResult result);
}

using System.IO.Compression;
using System.Text.Json;

namespace AgentOps.Rca.Evals.Tau;

/// <summary>A conversation of a customer with an agent that calls tools under a written policy.</summary>
internal sealed record TauRun
{
    public IReadOnlyList<TauMessage> Messages { get; init; } = [];

    /// <summary>Where people see the cause; null when nobody has labelled the run, or when it succeeded.</summary>
    public TauCause? RootCause { get; init; }

    public static TauRun Read(string path)
    {
        using var unzipped = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(unzipped, EvalsJsonContext.Default.TauRun) ?? throw new InvalidDataException($"{path} holds no run.");
    }

    /// <summary>The message of the model that a message belongs to: a tool's answer counts as the call that asked for it.</summary>
    public int ModelCallOf(int message)
    {
        var at = message;
        while (at > 0 && at < Messages.Count && Messages[at].Role == "tool")
        {
            at--;
        }

        return at;
    }
}

/// <summary>A message in OpenAI's form.</summary>
internal sealed record TauMessage
{
    public required string Role { get; init; }

    public string? Content { get; init; }

    public string? ToolCallId { get; init; }

    public IReadOnlyList<TauToolCall>? ToolCalls { get; init; }
}

/// <summary>A call that a model asks for.</summary>
internal sealed record TauToolCall(string Id, TauFunction Function);

/// <summary>Which function, and its arguments as JSON in a text.</summary>
internal sealed record TauFunction(string Name, string Arguments);

/// <summary>The message at which the run went wrong, from 0.</summary>
internal sealed record TauCause(int Step, string? Category, string? Reason);

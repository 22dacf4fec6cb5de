using System.Text.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>One message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
internal sealed record RunMessage(string Role)
{
    /// <summary>What it says.</summary>
    public List<Passage> Texts { get; } = [];

    /// <summary>The tool calls that it asks for.</summary>
    public List<AskedCall> Calls { get; } = [];

    /// <summary>What tools gave back.</summary>
    public List<ToolAnswer> Answers { get; } = [];

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => Texts.Count == 0 && Calls.Count == 0 && Answers.Count == 0;

    /// <summary>What it says, to tell whether it was said before in the same run.</summary>
    public int Fingerprint()
    {
        var hash = new HashCode();
        hash.Add(Role);
        foreach (var text in Texts)
        {
            hash.Add(text.Text);
        }

        foreach (var call in Calls)
        {
            hash.Add(call.Id ?? call.Arguments?.Text);
            hash.Add(call.Name);
        }

        foreach (var answer in Answers)
        {
            hash.Add(answer.CallId);
            hash.Add(answer.Result.Text);
        }

        return hash.ToHashCode();
    }
}

/// <summary>A tool call that a model asked for.</summary>
/// <param name="Id">Its id, or null.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">What it is to be given, or null when that was not recorded.</param>
/// <param name="Place">Where it is asked for.</param>
internal sealed record AskedCall(string? Id, string Name, Payload? Arguments, Place Place);

/// <summary>What a tool gave back, as a message to the model says it.</summary>
/// <param name="CallId">The id of the call, or null.</param>
/// <param name="Name">The tool, or null.</param>
/// <param name="Result">What it gave back.</param>
internal sealed record ToolAnswer(string? CallId, string? Name, Payload Result)
{
    /// <summary>The first model call that was given it, or null.</summary>
    public ModelStep? To { get; init; }
}

/// <summary>A tool that a model could call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for, or null.</param>
/// <param name="Schema">The JSON schema of its arguments; of the kind undefined when that was not recorded.</param>
/// <param name="Place">Where it is defined.</param>
internal sealed record OfferedTool(string Name, string? Description, JsonElement Schema, Place Place);

using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Recording;

/// <summary>
/// What an agent's code is written against: live it is an <see cref="AgentRecorder"/>, which records; when the same code is replayed it is
/// one that answers from the recording and calls nothing.
/// </summary>
public interface IAgentRecorder
{
    /// <summary>Starts a run of an agent. Calls made until it is disposed, in the same flow of control, belong to it.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="incidentId">The incident that the run is evidence of; null takes that of the run around it, if there is one.</param>
    /// <param name="arguments">What the run was asked to do; null when nothing is told.</param>
    /// <param name="subject">What the run is for, such as an order, a ticket or a request; an incident of the run is about it. Null when it is not known.</param>
    /// <param name="attributes">
    /// What else its span says: texts, numbers, true and false, and JSON; anything else as its text. What the recorder says itself (status and error, the agent's name) stays its own.
    /// </param>
    /// <returns>The run, which the caller disposes.</returns>
    AgentRun StartRun(
        string agent,
        Guid? incidentId = null,
        JsonElement? arguments = null,
        string? subject = null,
        IReadOnlyDictionary<string, object?>? attributes = null);

    /// <summary>A client whose calls are <c>llm.call/&lt;model&gt;</c>.</summary>
    /// <param name="client">The client that is asked live.</param>
    IChatClient Wrap(IChatClient client);

    /// <summary>A function whose calls are <c>tool.call/&lt;name&gt;</c>.</summary>
    /// <param name="function">The function that is called live.</param>
    AIFunction Wrap(AIFunction function);
}

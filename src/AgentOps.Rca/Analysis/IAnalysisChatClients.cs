using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis;

/// <summary>Puts a recorder around the chat client that an analysis uses, so that each of its calls is kept as a span and artifacts.</summary>
internal interface IAnalysisChatClients
{
    /// <summary>The same client, recorded.</summary>
    /// <param name="inner">The client.</param>
    /// <param name="incidentId">The incident's id as spans name it.</param>
    /// <param name="analysisSpanId">The id of the span that will record the analysis; the parent of the calls.</param>
    IChatClient Record(IChatClient inner, string incidentId, string analysisSpanId);
}

using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Replay;

/// <summary>Answers the model calls of an analysis from its recording: the counterpart of <see cref="Analysis.IAnalysisChatClients"/>.</summary>
public interface IAnalysisCallReplayer
{
    /// <summary>A chat client that answers from recorded calls by the digest of the prompt, and asks nobody.</summary>
    /// <param name="calls">The spans of the recorded calls: args = the prompt, result = the reply.</param>
    /// <param name="onNotRecorded">Told, in a sentence, of a call that is not among them; the call then fails.</param>
    IChatClient Replay(IReadOnlyList<Span> calls, Action<string> onNotRecorded);
}

using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Records the model calls of analyses as spans and artifacts.</summary>
internal sealed class AnalysisChatClients(
    ISpanIntake spans, ArtifactVault artifacts, TimeProvider timeProvider, ILogger<AnalysisChatClients> logger) : IAnalysisChatClients
{
    public IChatClient Record(IChatClient inner, string incidentId, string analysisSpanId) =>
        new RecordingChatClient(inner, spans, artifacts, timeProvider, logger, incidentId, analysisSpanId);
}

/// <summary>
/// Keeps each call: the prompt's bytes before it is made, the reply's bytes after it, then the span that points at both. Failures are
/// kept too. What it hands out is read back from the recorded bytes, so that a replay sees exactly what the analysis saw.
/// </summary>
internal sealed partial class RecordingChatClient(
    IChatClient inner,
    ISpanIntake spans,
    ArtifactVault artifacts,
    TimeProvider timeProvider,
    ILogger logger,
    string incidentId,
    string analysisSpanId)
    : DelegatingChatClient(inner)
{
    private int _calls;

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var call = Interlocked.Increment(ref _calls);
        var start = timeProvider.GetUtcNow();
        var prompt = (await artifacts.PutAsync(ModelCallJson.Prompt(asked, options), ModelCallJson.PromptMime, piiMasked: true, cancellationToken).ConfigureAwait(false))
            .Artifact.Digest;
        ChatResponse? response = null;
        ModelCallException? failure = null;
        try
        {
            response = await base.GetResponseAsync(asked, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            failure = ModelCallException.From(exception);
            LogFailed(incidentId, failure.Message, KindsOf(exception));
            LogFailure(incidentId, exception);
        }

        var bytes = failure is null ? ModelCallJson.Reply(response!) : ModelCallJson.Reply(failure);
        var reply = (await artifacts.PutAsync(bytes, ModelCallJson.ReplyMime, piiMasked: false, cancellationToken).ConfigureAwait(false)).Artifact.Digest;
        var span = new Span
        {
            SpanId = SpanIds.OfModelCall(analysisSpanId, call),
            ParentId = analysisSpanId,
            Tool = ToolNames.AnalysisModelCall,
            StartTs = EpochUnit.Microseconds(start),
            EndTs = EpochUnit.Microseconds(timeProvider.GetUtcNow()),
            ArgsDigest = prompt.ToString(),
            ResultDigest = reply.ToString(),
            IncidentId = incidentId,
            Attributes = Attributes(options, response, failure),
        };
        var written = await spans.AddAsync([span], cancellationToken).ConfigureAwait(false);
        if (written is { Conflicts.Count: > 0 })
        {
            LogConflict(span.SpanId);
        }

        return ModelCallJson.Read(bytes);
    }

    // The kinds tell most of it and quote nothing: a client's message may repeat the prompt.
    private static string KindsOf(Exception exception)
    {
        List<string> kinds = [];
        for (var cause = exception; cause is not null && kinds.Count < 8; cause = cause.InnerException)
        {
            kinds.Add(cause.GetType().FullName ?? cause.GetType().Name);
        }

        return string.Join(", by ", kinds);
    }

    [LoggerMessage(1, LogLevel.Warning, "The model did not answer for incident {IncidentId}: {Reason} ({Kinds})")]
    private partial void LogFailed(string incidentId, string reason, string kinds);

    [LoggerMessage(2, LogLevel.Debug, "How the model's client failed for incident {IncidentId}.")]
    private partial void LogFailure(string incidentId, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Another call is stored under the id {SpanId}; it stays, and this one is not recorded.")]
    private partial void LogConflict(string spanId);

    private JsonElement Attributes(ChatOptions? options, ChatResponse? response, ModelCallException? failure) => GenAiAttributes.Make(writer =>
    {
        GenAiAttributes.WriteChat(writer, InnerClient.GetService<ChatClientMetadata>(), options, response);
        GenAiAttributes.WriteNumber(writer, AnalysisSpan.CostUsd, response is null ? null : ModelCosts.Get(response));
        if (failure is not null)
        {
            GenAiAttributes.WriteFailure(writer, failure.InnerException?.GetType().Name ?? failure.GetType().Name, failure.Message);
        }
    });
}

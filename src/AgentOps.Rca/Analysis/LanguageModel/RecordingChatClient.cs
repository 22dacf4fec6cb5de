using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Records the model calls of analyses as spans and artifacts.</summary>
internal sealed class RecordedChatClients(ISpanStore spans, ArtifactVault artifacts, TimeProvider timeProvider) : IAnalysisChatClients
{
    public IChatClient Record(IChatClient inner, string incidentId, string analysisSpanId) =>
        new RecordingChatClient(inner, spans, artifacts, timeProvider, incidentId, analysisSpanId);
}

/// <summary>
/// Keeps each call: the prompt's bytes before it is made, the reply's bytes after it, then the span that points at both. Failures are
/// kept too. What it hands out is read back from the recorded bytes, so that a replay sees exactly what the analysis saw.
/// </summary>
internal sealed class RecordingChatClient(
    IChatClient inner, ISpanStore spans, ArtifactVault artifacts, TimeProvider timeProvider, string incidentId, string analysisSpanId)
    : DelegatingChatClient(inner)
{
    private int _calls;

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var call = Interlocked.Increment(ref _calls);
        var start = timeProvider.GetUtcNow();
        var prompt = (await artifacts.PutAsync(ModelCallJson.Prompt(asked, options), ModelCallJson.PromptMime, piiMasked: true, cancellationToken))
            .Artifact.Digest;
        ChatResponse? response = null;
        ModelCallException? failure = null;
        try
        {
            response = await base.GetResponseAsync(asked, options, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            failure = ModelCallException.From(exception);
        }

        var bytes = failure is null ? ModelCallJson.Reply(response!) : ModelCallJson.Reply(failure);
        var reply = (await artifacts.PutAsync(bytes, ModelCallJson.ReplyMime, piiMasked: false, cancellationToken)).Artifact.Digest;
        var span = new Span
        {
            SpanId = string.Create(CultureInfo.InvariantCulture, $"{analysisSpanId}-{call}"),
            ParentId = analysisSpanId,
            Tool = ToolNames.AnalysisModelCall,
            StartTs = AnalysisSpan.Microseconds(start),
            EndTs = AnalysisSpan.Microseconds(timeProvider.GetUtcNow()),
            ArgsDigest = prompt.ToString(),
            ResultDigest = reply.ToString(),
            IncidentId = incidentId,
            Attributes = Attributes(options, response, failure),
        };
        await spans.AddAsync([span], cancellationToken);
        return ModelCallJson.Read(bytes);
    }

    /// <summary>The names of OpenTelemetry's semantic conventions for generative AI.</summary>
    private JsonElement Attributes(ChatOptions? options, ChatResponse? response, ModelCallException? failure)
    {
        var metadata = InnerClient.GetService<ChatClientMetadata>();
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("gen_ai.operation.name", "chat");
            writer.WriteString("gen_ai.provider.name", metadata?.ProviderName);
            writer.WriteString("gen_ai.request.model", options?.ModelId ?? metadata?.DefaultModelId);
            writer.WriteString("gen_ai.response.model", response?.ModelId);
            WriteNumber(writer, "gen_ai.usage.input_tokens", response?.Usage?.InputTokenCount);
            WriteNumber(writer, "gen_ai.usage.output_tokens", response?.Usage?.OutputTokenCount);
            WriteNumber(writer, "gen_ai.usage.cache_read.input_tokens", response?.Usage?.CachedInputTokenCount);
            WriteNumber(writer, AnalysisSpan.CostUsd, response is null ? null : ModelCosts.Get(response));
            if (response?.FinishReason is { } reason)
            {
                writer.WriteStartArray("gen_ai.response.finish_reasons");
                writer.WriteStringValue(reason.Value);
                writer.WriteEndArray();
            }

            if (failure is not null)
            {
                writer.WriteString("status", "error");
                writer.WriteString("error.type", failure.InnerException?.GetType().Name ?? failure.GetType().Name);
                writer.WriteString("error.message", failure.Message);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}

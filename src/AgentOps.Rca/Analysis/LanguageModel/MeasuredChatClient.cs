using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Measures each call that is really made: how long it took and how many tokens it used.</summary>
internal sealed class MeasuredChatClient(IChatClient inner, RcaTelemetry telemetry) : DelegatingChatClient(inner)
{
    private readonly ChatClientMetadata? _metadata = inner.GetService<ChatClientMetadata>();

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var call = telemetry.StartModelCall(_metadata?.ProviderName, options?.ModelId ?? _metadata?.DefaultModelId);
        try
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
            call.Tag("gen_ai.response.model", response.ModelId);
            call.Detail("gen_ai.usage.input_tokens", response.Usage?.InputTokenCount);
            call.Detail("gen_ai.usage.output_tokens", response.Usage?.OutputTokenCount);
            call.Detail("gen_ai.response.finish_reasons", response.FinishReason is { } reason ? new[] { reason.Value } : null);
            telemetry.AddTokens(call, "input", response.Usage?.InputTokenCount);
            telemetry.AddTokens(call, "output", response.Usage?.OutputTokenCount);
            return response;
        }
        catch (Exception exception)
        {
            call.Failed(exception);
            throw;
        }
    }
}

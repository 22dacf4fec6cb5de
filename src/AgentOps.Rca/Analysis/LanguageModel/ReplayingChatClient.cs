using AgentOps.Rca.Artifacts;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Answers from recorded calls, by the digest of the prompt's bytes; it never asks a model.</summary>
/// <param name="inner">The client that would be asked; only its services are used.</param>
/// <param name="findReply">The recorded reply's bytes for a prompt, or null when there is none.</param>
internal sealed class ReplayingChatClient(
    IChatClient inner, Func<ArtifactDigest, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> findReply)
    : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = ArtifactDigest.Of(ModelCallJson.Prompt(messages, options));
        return await findReply(prompt, cancellationToken).ConfigureAwait(false) is { } reply ? ModelCallJson.Read(reply) : throw new MissingRecordingException(prompt);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Recorded calls are not streamed.");
}

/// <summary>A replay asks for a model call that was not recorded: the replay is incomplete, whatever else it finds.</summary>
internal sealed class MissingRecordingException(ArtifactDigest prompt)
    : Exception($"No model call with the prompt {prompt} was recorded.")
{
    /// <summary>The digest of the prompt's bytes.</summary>
    public ArtifactDigest Prompt { get; } = prompt;
}

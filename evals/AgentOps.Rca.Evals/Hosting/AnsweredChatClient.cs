using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Artifacts;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Evals.Hosting;

/// <summary>
/// Answers from a folder, by the digest of the prompt: <c>&lt;digest&gt;.json</c> is the answer. A prompt without one is written there as
/// <c>&lt;digest&gt;.prompt.txt</c>, so that a person or another program can answer it.
/// </summary>
internal sealed class AnsweredChatClient(string folder) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var name = ArtifactDigest.Of(ModelCallJson.Prompt(asked, options)).ToString()[..16];
        var answer = Path.Combine(folder, name + ".json");
        if (File.Exists(answer))
        {
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, await File.ReadAllTextAsync(answer, cancellationToken))) { ModelId = "recorded" };
        }

        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(
            Path.Combine(folder, name + ".prompt.txt"), string.Join("\n\n", asked.Select(message => $"[{message.Role}]\n{message.Text}")), cancellationToken);
        throw new ModelCallException($"There is no recorded answer to the prompt {name}.") { NothingWasSent = true };
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Recorded answers are not streamed.");

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}

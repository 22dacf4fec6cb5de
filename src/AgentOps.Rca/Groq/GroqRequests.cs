using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Groq;

/// <summary>Writes what Microsoft.Extensions.AI asks for in Groq's words.</summary>
internal static class GroqRequests
{
    private const string ReasoningModelPrefix = "openai/gpt-oss-";

    /// <param name="model">The model to ask.</param>
    /// <param name="messages">The conversation; text only.</param>
    /// <param name="chat">What the caller asks for, or null.</param>
    /// <param name="options">The defaults.</param>
    /// <param name="stream">Whether the reply is to be streamed.</param>
    /// <param name="repeat">How often this was asked before; it moves the seed on, so that the same answer is not simply given again.</param>
    public static GroqRequest Create(
        string model, IReadOnlyList<ChatMessage> messages, ChatOptions? chat, GroqOptions options, bool stream, int repeat)
    {
        if (chat?.Tools is { Count: > 0 })
        {
            throw new NotSupportedException("The Groq chat client gives a model no tools.");
        }

        var wire = new List<GroqMessage>(messages.Count + 2);
        if (!string.IsNullOrEmpty(chat?.Instructions))
        {
            wire.Add(new GroqMessage("system", chat.Instructions));
        }

        wire.AddRange(messages.Select(ToWire));
        var format = Format(model, chat?.ResponseFormat as ChatResponseFormatJson, options, stream, wire);
        var reasons = model.StartsWith(ReasoningModelPrefix, StringComparison.Ordinal);
        return new GroqRequest
        {
            Model = model,
            Messages = wire,
            MaxCompletionTokens = Math.Min(chat?.MaxOutputTokens ?? options.MaxOutputTokens, options.MaxOutputTokens),
            Temperature = chat?.Temperature ?? options.Temperature,
            TopP = chat?.TopP,
            Seed = (chat?.Seed ?? options.Seed) + repeat,
            Stop = chat?.StopSequences is { Count: > 0 } stop ? [.. stop] : null,
            Stream = stream ? true : null,
            ResponseFormat = format,
            ReasoningEffort = reasons ? Effort(chat?.Reasoning?.Effort) ?? options.ReasoningEffort : null,
            IncludeReasoning = reasons ? chat?.Reasoning?.Output is ReasoningOutput.Full or ReasoningOutput.Summary : null,
            ServiceTier = options.ServiceTier,
        };
    }

    private static GroqMessage ToWire(ChatMessage message)
    {
        var role = message.Role == ChatRole.System || message.Role == ChatRole.User || message.Role == ChatRole.Assistant
            ? message.Role.Value
            : throw new NotSupportedException($"The Groq chat client sends no messages of the role {message.Role}.");
        foreach (var content in message.Contents)
        {
            if (content is not (TextContent or TextReasoningContent or UsageContent))
            {
                throw new NotSupportedException($"The Groq chat client sends text only, no {content.GetType().Name}.");
            }
        }

        return new GroqMessage(role, message.Text);
    }

    private static GroqResponseFormat? Format(
        string model, ChatResponseFormatJson? format, GroqOptions options, bool stream, List<GroqMessage> messages)
    {
        if (format is null)
        {
            return null;
        }

        if (format.Schema is { } schema)
        {
            if (!stream && options.StrictSchemaModels.Contains(model, StringComparer.Ordinal))
            {
                return new GroqResponseFormat("json_schema", new GroqJsonSchema(format.SchemaName ?? "answer", Strict: true, schema));
            }

            messages.Add(new GroqMessage("system", $"Answer with one JSON object that follows this JSON schema:\n{schema.GetRawText()}"));
        }
        else if (!messages.Any(message => message.Content.Contains("json", StringComparison.OrdinalIgnoreCase)))
        {
            // Groq refuses JSON mode unless the word is in the messages.
            messages.Add(new GroqMessage("system", "Answer with one JSON object."));
        }

        return new GroqResponseFormat("json_object");
    }

    // Groq refuses "none" for these models and knows nothing above "high".
    private static string? Effort(ReasoningEffort? effort) => effort switch
    {
        null => null,
        ReasoningEffort.None or ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        _ => "high",
    };
}

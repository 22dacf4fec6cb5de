using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Recording;

/// <summary>That a call failed: the exception's type and message, which are all that a recording keeps of it.</summary>
internal sealed record RecordedFailure(string Type, string Message)
{
    public static RecordedFailure Of(Exception failure) => new(failure.GetType().FullName ?? failure.GetType().Name, failure.Message);

    public byte[] ToUtf8() => RecordedResult.Write(writer =>
    {
        writer.WriteStartObject();
        WriteTo(writer);
        writer.WriteEndObject();
    });

    /// <summary>Writes it as the member <c>error</c> of the object that is open.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("error");
        writer.WriteString("type", Type);
        writer.WriteString("message", Message);
        writer.WriteEndObject();
    }

    /// <summary>Reads it out of the member <c>error</c>; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The bytes are no recorded failure.</exception>
    public static RecordedFailure? Read(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("error", out var error) || error.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return error.ValueKind == JsonValueKind.Object
            && error.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? new RecordedFailure(type.GetString()!, message.GetString()!)
            : throw new InvalidDataException("The bytes are no recorded failure.");
    }

    public static RecordedFailure Read(ReadOnlyMemory<byte> content) =>
        (JsonRules.TryRead(content.Span, out var value) ? Read(value) : null)
        ?? throw new InvalidDataException("The bytes are no recorded failure.");

    /// <summary>
    /// The exception to throw in a replay: of the same type where that is one of the framework's common ones, so that the agent's own
    /// handling takes the same way; else a <see cref="RecordedCallException"/>.
    /// </summary>
    public Exception ToException() => Type switch
    {
        "System.TimeoutException" => new TimeoutException(Message),
        "System.InvalidOperationException" => new InvalidOperationException(Message),
        "System.NotSupportedException" => new NotSupportedException(Message),
        "System.NotImplementedException" => new NotImplementedException(Message),
        "System.ArgumentException" => new ArgumentException(Message),
        "System.FormatException" => new FormatException(Message),
        "System.UnauthorizedAccessException" => new UnauthorizedAccessException(Message),
        "System.Collections.Generic.KeyNotFoundException" => new KeyNotFoundException(Message),
        "System.IO.IOException" => new IOException(Message),
        "System.IO.FileNotFoundException" => new FileNotFoundException(Message),
        "System.IO.InvalidDataException" => new InvalidDataException(Message),
        "System.Net.Http.HttpRequestException" => new HttpRequestException(Message),
        "System.Text.Json.JsonException" => new JsonException(Message),
        "System.OperationCanceledException" => new OperationCanceledException(Message),
        "System.Threading.Tasks.TaskCanceledException" => new TaskCanceledException(Message),
        _ => new RecordedCallException(Type, Message),
    };
}

/// <summary>A call that failed when it was recorded, with an exception that a replay cannot make again.</summary>
/// <param name="originalType">The full name of the exception's type.</param>
/// <param name="message">The exception's message.</param>
public sealed class RecordedCallException(string originalType, string message) : Exception(message)
{
    /// <summary>The full name of the exception's type.</summary>
    public string OriginalType { get; } = originalType;
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Recording;

/// <summary>What a call came to, in the form in which it is recorded.</summary>
/// <param name="Kind">What the bytes are, one of <see cref="RecordedKinds"/>.</param>
/// <param name="Content">The exact bytes.</param>
/// <param name="Mime">Their media type.</param>
internal sealed record RecordedResult(string Kind, byte[] Content, string Mime)
{
    public const string Json = "application/json";
    public const string Text = "text/plain; charset=utf-8";

    /// <summary>The failure itself, when the call failed.</summary>
    public Exception? Failure { get; init; }

    public static RecordedResult Of(JsonElement value) => new(RecordedKinds.Json, Encoding.UTF8.GetBytes(value.GetRawText()), Json);

    public static RecordedResult Of(string text) => new(RecordedKinds.Text, Encoding.UTF8.GetBytes(text), Text);

    public static RecordedResult Of(Exception failure) =>
        new(RecordedKinds.Failure, RecordedFailure.Of(failure).ToUtf8(), Json) { Failure = failure };

    /// <summary>Writes JSON into bytes.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The bytes by which arguments are found again: canonical JSON. What the canonical form would round is kept as it was written.
    /// </summary>
    public static byte[] Canonical(byte[] json)
    {
        var value = JsonElement.Parse(json);
        return JsonRules.FindProblem(value) is null ? CanonicalJson.ToUtf8(value) : json;
    }
}

/// <summary>What the bytes of a recorded result are; kept on the span as <c>agentops.recording.kind</c>.</summary>
internal static class RecordedKinds
{
    /// <summary>The attribute; a span that has it can be replayed.</summary>
    public const string Attribute = "agentops.recording.kind";

    /// <summary>The attribute that orders calls of one process which start in the same microsecond.</summary>
    public const string Sequence = "agentops.recording.sequence";

    public const string Nothing = "nothing";
    public const string Json = "json";
    public const string Text = "text";
    public const string Content = "content";
    public const string Contents = "contents";
    public const string Response = "response";
    public const string Stream = "stream";
    public const string Failure = "failure";
}

using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Approvals;

/// <summary>
/// The host's signature on a decision, over all that its span says: incident, report, actor, time, note and the decision before it. As in DSSE, what is
/// signed begins with the type, so that no signature of another kind can stand for it.
/// </summary>
internal static class DecisionSeal
{
    private const string PayloadType = "application/vnd.agentops-rca.decision+json";
    private const string Signature = "signature";
    private const string KeyId = "key_id";
    private const string Value = "value";

    /// <summary>The span with the signature among its attributes.</summary>
    /// <exception cref="StoreUnavailableException">Where the private half of the key is kept does not answer.</exception>
    public static async ValueTask<Span> SignAsync(Span span, SigningKey key, CancellationToken cancellationToken)
    {
        var signature = await key.SignAsync(HashOf(span), cancellationToken).ConfigureAwait(false);
        return span with
        {
            Attributes = Rewrite(span.Attributes, writer =>
            {
                writer.WriteStartObject(Signature);
                writer.WriteString(KeyId, key.Public.KeyId);
                writer.WriteBase64String(Value, signature);
                writer.WriteEndObject();
            }),
        };
    }

    /// <summary>The id of the key that signed it, or null when it is not signed.</summary>
    public static string? KeyOf(Span span) =>
        span.Attributes.TryGetProperty(Signature, out var signature) ? signature.TextOf(KeyId) : null;

    /// <summary>Whether the signature is that key's, over the span as it is.</summary>
    public static bool IsBy(Span span, VerificationKey key) =>
        span.Attributes.TryGetProperty(Signature, out var signature) && signature.ValueKind == JsonValueKind.Object
        && signature.TryGetProperty(Value, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes)
        && key.Verify(HashOf(span with { Attributes = Rewrite(span.Attributes, static _ => { }) }), bytes);

    private static byte[] HashOf(Span span)
    {
        var payload = new ArrayBufferWriter<byte>();
        SpanJson.WriteCanonical(span, payload);
        var head = string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {PayloadType.Length} {PayloadType} {payload.WrittenCount} ");
        return SHA256.HashData([.. Encoding.ASCII.GetBytes(head), .. payload.WrittenSpan]);
    }

    private static JsonElement Rewrite(JsonElement attributes, Action<Utf8JsonWriter> add)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in attributes.EnumerateObject().Where(static member => member.Name != Signature))
            {
                member.WriteTo(writer);
            }

            add(writer);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}

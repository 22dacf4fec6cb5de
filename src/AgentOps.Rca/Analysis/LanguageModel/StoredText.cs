using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>The stored bytes that a piece of evidence was read from, as text and as JSON: what citations are checked against.</summary>
internal sealed class StoredText
{
    /// <summary>The most bytes of an artifact that are looked at; evidence in a larger one cannot be quoted by a model.</summary>
    private const int MostBytes = 1024 * 1024;

    private readonly string _raw;
    private readonly string _text;
    private readonly string _values;
    private readonly JsonElement? _json;

    private StoredText(ReadOnlyMemory<byte> bytes, bool personalDataIsMasked)
    {
        PersonalDataIsMasked = personalDataIsMasked;
        _raw = Encoding.UTF8.GetString(bytes.Span);
        _text = UntrustedText.Clean(_raw);
        _json = JsonRules.TryParseRecord(bytes.Span, out var value) ? value : null;
        _values = _json is { } json ? UntrustedText.Clean(string.Join("\n", Texts(json))) : "";
    }

    public bool PersonalDataIsMasked { get; }

    /// <summary>All of it, without what cannot be seen.</summary>
    public string Text => _text;

    /// <summary>Reads the artifact of a piece of evidence, or else its span; null when they are not there or too large.</summary>
    public static async ValueTask<StoredText?> ReadAsync(RcaCase rcaCase, RcaEvidence evidence, CancellationToken cancellationToken)
    {
        if (evidence.ArtifactDigest is { } text)
        {
            return ArtifactDigest.TryParse(text, out var digest)
                && await rcaCase.ReadArtifact(digest, MostBytes, cancellationToken).ConfigureAwait(false) is { } bytes
                    ? new StoredText(bytes, (await rcaCase.FindArtifact(digest, cancellationToken).ConfigureAwait(false))?.PiiMasked == true)
                    : null;
        }

        if (evidence.SpanId is null || await rcaCase.ReadSpan(evidence.SpanId, cancellationToken).ConfigureAwait(false) is not { } span)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        SpanJson.WriteCanonical(span, buffer);
        return buffer.WrittenCount > MostBytes ? null : new StoredText(buffer.WrittenMemory, personalDataIsMasked: false);
    }

    /// <summary>Whether these words stand in it, either as its bytes have them or within the texts of its JSON.</summary>
    public bool Holds(string quote) =>
        _text.Contains(quote, StringComparison.Ordinal) || _values.Contains(quote, StringComparison.Ordinal);

    /// <summary>Whether its bytes have exactly these words.</summary>
    public bool HoldsExactly(string quote) => _raw.Contains(quote, StringComparison.Ordinal);

    /// <summary>The value at a JSON pointer (RFC 6901) as text, or null when the pointer leads nowhere.</summary>
    public string? At(string pointer)
    {
        if (_json is not { } value || (pointer.Length > 0 && pointer[0] != '/'))
        {
            return null;
        }

        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member))
            {
                value = member;
            }
            else if (value.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) && index >= 0 && index < value.GetArrayLength())
            {
                value = value[index];
            }
            else
            {
                return null;
            }
        }

        return UntrustedText.Clean(value.ValueKind == JsonValueKind.String ? TextOf(value) ?? "" : value.GetRawText());
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TextOf(value) is { } text ? [text] : [],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Texts(member.Value)),
        _ => [],
    };

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape.
            return null;
        }
    }
}

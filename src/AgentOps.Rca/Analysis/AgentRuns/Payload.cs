using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>What a call was given or gave back, without the envelopes that frameworks put around it.</summary>
/// <param name="Value">The value itself.</param>
/// <param name="Place">Where it stands; when it is <paramref name="IsInner"/>, where the text stands that it was read out of.</param>
/// <param name="IsInner">Whether it is JSON inside a text, so that no pointer leads into it.</param>
/// <param name="SaysError">Whether an envelope says that this is an error.</param>
internal sealed record Payload(JsonElement Value, Place Place, bool IsInner = false, bool SaysError = false)
{
    private const int LongText = 512;

    private string? _text;
    private WeakReference<string>? _longText;
    private string? _key;

    /// <summary>How the call's own span records it, when <see cref="Value"/> is what the model asked for; facts rest on it.</summary>
    public Payload? Recorded { get; init; }

    /// <summary>The value as text: a text itself, anything else as JSON.</summary>
    /// <remarks>
    /// A long one is kept only while the memory is not needed for something else: the value is there as well, and the results of a run with thousands
    /// of steps would lie there three times.
    /// </remarks>
    public string Text
    {
        get
        {
            if (_text is { } text || _longText?.TryGetTarget(out text) == true)
            {
                return text;
            }

            text = Value.ValueKind == JsonValueKind.String ? Value.GetString()! : Value.GetRawText();
            if (text.Length <= LongText)
            {
                _text = text;
            }
            else
            {
                _longText = new WeakReference<string>(text);
            }

            return text;
        }
    }

    /// <summary>The value in canonical form: two payloads with the same key say the same.</summary>
    public string Key => _key ??= Value.ValueKind == JsonValueKind.Undefined ? "" : CanonicalJson.TextOf(Value);

    /// <summary>Whether there is nothing in it: null, an empty text, list or object, or an object whose lists are all empty.</summary>
    public bool IsEmpty => Emptiness.Of(Value) is not null;

    /// <summary>The words of the value.</summary>
    public Passage Passage => new(Text, Place);

    /// <summary>Where a value in it stands.</summary>
    /// <param name="pointer">A JSON pointer into <see cref="Value"/>.</param>
    public Place At(string pointer) => IsInner ? Place : Place with { Pointer = (Place.Pointer ?? "") + pointer };

    /// <summary>A fact about a value in it.</summary>
    /// <param name="text">What it says, in a sentence.</param>
    /// <param name="pointer">A JSON pointer into <see cref="Value"/>.</param>
    /// <param name="words">Words that stand in the payload's text and say it, or null.</param>
    public Evidence.Fact Say(string text, string pointer = "", string? words = null)
    {
        if (Recorded is not null)
        {
            return Recorded.Say(text, "", words);
        }

        var quote = words is { Length: > 0 } && Text.Contains(words, StringComparison.Ordinal) ? words : null;
        return IsInner || Place.Pointer is null ? Passage.Say(text, quote) : At(pointer).Say(text);
    }
}

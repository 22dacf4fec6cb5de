using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>
/// Puts a span's attributes together: its member <c>attributes</c> and the members that are not known. What needs a closer look is
/// noticed while passing over the tokens, so that plain attributes are looked at once.
/// </summary>
internal sealed class SpanAttributesReader
{
    // Fifteen significant digits always fit a double, so shorter numbers need no check.
    private const int DigitsADoubleHolds = 15;

    private const string Name = "attributes";

    private readonly List<Range> _unknown = [];
    private readonly ArrayBufferWriter<byte> _merged = new();
    private Range? _attributes;
    private bool _suspicious;

    public void Reset()
    {
        _unknown.Clear();
        _attributes = null;
        _suspicious = false;
    }

    /// <summary>Takes the value the reader stands on; false when it is not all there.</summary>
    public bool TakeAttributes(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        if (!PassOver(ref reader))
        {
            return false;
        }

        _attributes = start..(int)reader.BytesConsumed;
        return true;
    }

    /// <summary>Takes a member that is not known, from its name to the end of its value; false when it is not all there.</summary>
    public bool TakeUnknown(ref Utf8JsonReader reader, int nameStart)
    {
        if (!PassOver(ref reader))
        {
            return false;
        }

        _unknown.Add(nameStart..(int)reader.BytesConsumed);
        return true;
    }

    /// <summary>The attributes, or what is wrong with them; the pointer starts at the span.</summary>
    public JsonProblem? Assemble(ReadOnlySpan<byte> utf8, out JsonElement attributes)
    {
        attributes = JsonRules.EmptyObject;
        if (_unknown.Count == 0)
        {
            return _attributes is { } range ? Keep(utf8[range], out attributes)?.Within(Name) : null;
        }

        if (Check(utf8) is { } problem)
        {
            return problem;
        }

        Merge(utf8);
        return Keep(_merged.WrittenSpan, out attributes);
    }

    private bool PassOver(ref Utf8JsonReader reader)
    {
        var depth = 0;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    depth++;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.Number:
                    _suspicious |= reader.ValueSpan.Length > DigitsADoubleHolds || reader.ValueSpan.IndexOfAny((byte)'e', (byte)'E') >= 0;
                    break;
                case JsonTokenType.String or JsonTokenType.PropertyName:
                    _suspicious |= reader.ValueIsEscaped && reader.ValueSpan.IndexOf("\\u"u8) >= 0;
                    break;
            }

            if (depth == 0)
            {
                return true;
            }
        }
        while (reader.Read());
        return false;
    }

    private JsonProblem? Keep(ReadOnlySpan<byte> utf8, out JsonElement attributes)
    {
        attributes = JsonRules.EmptyObject;
        if (utf8.Length == 2)
        {
            return null;
        }

        if (!Utf8.IsValid(utf8))
        {
            return new JsonProblem("", "Text must be valid UTF-8.");
        }

        if (!JsonRules.TryParse(utf8, out attributes))
        {
            attributes = JsonRules.EmptyObject;
            return FindProblem(utf8) ?? new JsonProblem("", $"It must not nest deeper than {JsonRules.MaxDepth} levels.");
        }

        return _suspicious ? JsonRules.FindProblem(attributes) : null;
    }

    // With members beside "attributes" a pointer must name the member as it was sent.
    private JsonProblem? Check(ReadOnlySpan<byte> utf8)
    {
        var known = JsonRules.EmptyObject;
        if (_attributes is { } range && Keep(utf8[range], out known) is { } inside)
        {
            return inside.Within(Name);
        }

        if (!_suspicious && known.GetPropertyCount() == 0 && _unknown.Count == 1)
        {
            return null;
        }

        for (var i = _unknown.Count - 1; i >= 0; i--)
        {
            byte[] member = [(byte)'{', .. utf8[_unknown[i]], (byte)'}'];
            if (!Utf8.IsValid(member))
            {
                return new JsonProblem("", "Text must be valid UTF-8.");
            }

            var sent = JsonElement.Parse(member, Lenient);
            if (JsonRules.FindProblem(sent) is { } problem)
            {
                return problem;
            }

            var property = sent.EnumerateObject().First();
            if (known.TryGetProperty(property.Name, out var twin))
            {
                if (!CanonicalJson.AreEqual(twin, property.Value))
                {
                    return new JsonProblem("", "This member is also there under attributes, with another value.").Within(property.Name);
                }

                _unknown.RemoveAt(i);
            }
        }

        return null;
    }

    private void Merge(ReadOnlySpan<byte> utf8)
    {
        _merged.ResetWrittenCount();
        _merged.Write("{"u8);
        if (_attributes is { } range && utf8[range][1..^1] is var inner && inner.ContainsAnyExcept(" \t\r\n"u8))
        {
            _merged.Write(inner);
            _merged.Write(_unknown.Count > 0 ? ","u8 : ""u8);
        }

        for (var i = 0; i < _unknown.Count; i++)
        {
            _merged.Write(i == 0 ? ""u8 : ","u8);
            _merged.Write(utf8[_unknown[i]]);
        }

        _merged.Write("}"u8);
    }

    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = JsonRules.MaxRecordDepth + 1 };

    private static JsonProblem? FindProblem(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonRules.FindProblem(JsonElement.Parse(utf8, Lenient));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

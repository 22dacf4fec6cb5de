using System.Text.Json;

namespace AgentOps.Rca.Importing.Sources;

/// <summary>
/// What the first bytes of unpacked content say of it: whether it is JSON, in lines or as one document, and which members its first values have.
/// Formats are told apart by that alone.
/// </summary>
internal sealed class FileShape
{
    private const int MostValues = 32;
    private const int LongestText = 128;
    private const int HeadKept = 64;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = ImportLimits.Depth };

    /// <summary>Whether it begins as JSON.</summary>
    public bool IsJson => Values.Count > 0 || IsEmptyRoot;

    /// <summary>Whether there is a value a line.</summary>
    public bool IsLines { get; private set; }

    /// <summary>Whether the document is a list; its items are then the values.</summary>
    public bool IsArray { get; private set; }

    /// <summary>Whether it is an object or a list with nothing in it.</summary>
    public bool IsEmptyRoot { get; private set; }

    /// <summary>The members of the first values: of the lines, of the items of a list, or of the document.</summary>
    public List<ValueShape> Values { get; } = [];

    /// <summary>The first few bytes.</summary>
    public ReadOnlyMemory<byte> Head { get; private init; }

    /// <summary>Whether any of the first values has all of these members.</summary>
    public bool Any(params ReadOnlySpan<string> members)
    {
        foreach (var value in Values)
        {
            if (value.Has(members))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether any of the first values is such a one.</summary>
    public bool Any(Predicate<ValueShape> fits) => Values.Exists(fits);

    /// <summary>Looks at the first bytes of content.</summary>
    /// <param name="head">Those bytes.</param>
    /// <param name="isWhole">Whether there are no more.</param>
    public static FileShape Of(ReadOnlySpan<byte> head, bool isWhole)
    {
        var shape = new FileShape { Head = head[..Math.Min(head.Length, HeadKept)].ToArray() };
        head = BareNumbers.Blank(head);
        var rest = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        var isFirst = true;
        while (shape.Values.Count < MostValues)
        {
            rest = rest.TrimStart(" \t\r\n"u8);
            if (rest.IsEmpty || rest[0] is not ((byte)'{' or (byte)'['))
            {
                break;
            }

            shape.IsArray |= isFirst && rest[0] == '[';
            var consumed = shape.Look(rest, isWhole);
            if (consumed == 0)
            {
                // A line that is no JSON, or goes beyond what is looked at; in a file of lines another one may say more.
                consumed = rest.IndexOf((byte)'\n');
                if (isFirst || consumed < 0)
                {
                    shape.IsLines |= isFirst && shape.Values.Count > 0 && consumed > 0 && LooksLikeLine(rest[(consumed + 1)..], rest[..consumed]);
                    break;
                }
            }

            rest = rest[consumed..];
            var end = rest.IndexOf((byte)'\n');
            var next = rest.TrimStart(" \t\r\n"u8);
            if (isFirst && (shape.IsArray || end < 0 || rest[..end].ContainsAnyExcept(" \t\r"u8) || next.IsEmpty || next[0] is not ((byte)'{' or (byte)'[')))
            {
                break;
            }

            shape.IsLines |= isFirst;
            isFirst = false;
        }

        return shape;
    }

    // A first line that breaks off, before others that begin as values do.
    private static bool LooksLikeLine(ReadOnlySpan<byte> after, ReadOnlySpan<byte> line) =>
        after is [(byte)'{', ..] && line is [(byte)'{', ..] && line.IndexOf((byte)'"') is >= 0 and < 3;

    // Notes the members of a value; how long it is, or 0 when it does not end here or is no JSON.
    private int Look(ReadOnlySpan<byte> json, bool isWhole)
    {
        var reader = new Utf8JsonReader(json, isWhole, new JsonReaderState(Options));
        var value = IsArray ? null : new ValueShape();
        if (value is not null)
        {
            Values.Add(value);
        }

        var itemDepth = IsArray ? 1 : 0;
        string? name = null, outer = null;
        var isInList = false;
        try
        {
            while (reader.Read())
            {
                if (IsArray && reader is { TokenType: JsonTokenType.StartObject, CurrentDepth: 1 } && Values.Count < MostValues)
                {
                    Values.Add(value = new ValueShape());
                }

                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth <= itemDepth + 2)
                {
                    name = TextOf(ref reader);
                    (outer, isInList) = reader.CurrentDepth == itemDepth + 1 ? (name, false) : (outer, isInList);
                    value?.Add(reader.CurrentDepth == itemDepth + 1 ? name : $"{outer}/{name}");
                }
                else if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth == itemDepth + 1 && name is not null)
                {
                    value?.Set(name, TextOf(ref reader));
                }
                else if (reader.TokenType == JsonTokenType.StartArray && reader.CurrentDepth == itemDepth + 1 && name is not null)
                {
                    value?.Add(name + "[]");
                    isInList = true;
                }
                else if (isInList && reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == itemDepth + 3)
                {
                    name = TextOf(ref reader);
                    value?.Add($"{outer}[]/{name}");
                }
                else if (isInList && reader.TokenType == JsonTokenType.String && reader.CurrentDepth == itemDepth + 3 && name is not null)
                {
                    value?.Set($"{outer}[]/{name}", TextOf(ref reader));
                }

                if (reader.CurrentDepth == 0 && reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    IsEmptyRoot = Values.Count == 0;
                    return (int)reader.BytesConsumed;
                }
            }
        }
        catch (JsonException)
        {
            // What was seen before it still says what the content is.
        }

        return 0;
    }

    private static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueSpan.Length <= LongestText ? reader.GetString()! : "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}

/// <summary>
/// The members of a value, those of its members (<c>outer/inner</c>), which are lists (<c>name[]</c>), those of the items of its lists
/// (<c>name[]/inner</c>), and its short texts.
/// </summary>
internal sealed class ValueShape
{
    private const int MostMembers = 512;

    private readonly HashSet<string> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>The names of the members, in no order.</summary>
    public IReadOnlyCollection<string> Members => _members;

    /// <summary>A member that is a short text, or null.</summary>
    public string? this[string name] => _texts.GetValueOrDefault(name);

    public bool Has(params ReadOnlySpan<string> members)
    {
        foreach (var member in members)
        {
            if (!_members.Contains(member))
            {
                return false;
            }
        }

        return true;
    }

    public void Add(string member)
    {
        if (_members.Count < MostMembers)
        {
            _members.Add(member);
        }
    }

    public void Set(string name, string text)
    {
        if (_texts.Count < MostMembers)
        {
            _texts.TryAdd(name, text);
        }
    }
}

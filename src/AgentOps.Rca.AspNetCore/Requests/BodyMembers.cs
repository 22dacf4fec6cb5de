using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>Takes members out of a JSON object one by one, and collects every mistake with its place.</summary>
internal sealed class BodyMembers
{
    private readonly JsonElement _body;
    private readonly string _parent;
    private readonly List<(string Place, string Message)> _errors;
    private ApiProblem? _missing;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public BodyMembers(JsonElement body)
        : this(body, "", [])
    {
    }

    private BodyMembers(JsonElement body, string parent, List<(string Place, string Message)> errors)
    {
        _body = body;
        _parent = parent;
        _errors = errors;
    }

    /// <summary>All mistakes so far as one problem, or that a record is named which cannot be there, or null.</summary>
    public ApiProblem? Problem => _errors.Count == 0 ? _missing : ApiProblem.Of(ProblemKind.Invalid, _errors);

    /// <summary>The members that nobody took.</summary>
    public IEnumerable<JsonProperty> Rest => _body.EnumerateObject().Where(member => !_taken.Contains(member.Name));

    /// <summary>The members of an object within this one; its mistakes are also mistakes of this one.</summary>
    public BodyMembers Within(string name, JsonElement value) => new(value, Pointer([name]), _errors);

    public void Fail(string name, string message) => Fail([name], message);

    public void Fail(ReadOnlySpan<string> path, string message) => _errors.Add((Pointer(path), message));

    /// <summary>A text.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="maxLength">How many characters it may have.</param>
    /// <param name="required">Whether it must be there.</param>
    /// <param name="isKey">Whether it is a key, which may also be a whole number.</param>
    public string? Text(string name, int maxLength, bool required = false, bool isKey = false)
    {
        if (Take(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String && !(isKey && value.ValueKind == JsonValueKind.Number && IsPlainWhole(value.GetRawText())))
        {
            Fail(name, isKey ? "It must be a text, or a whole number." : "It must be a text.");
            return null;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (text.Length > maxLength || (required && string.IsNullOrWhiteSpace(text)))
        {
            Fail(name, string.Create(CultureInfo.InvariantCulture, $"It must have 1 to {maxLength} characters, not all of them blank."));
            return null;
        }

        return text;
    }

    /// <summary>A list of texts; empty when it is absent.</summary>
    public IReadOnlyList<string> Texts(string name, int mostItems, int maxLength)
    {
        if (Take(name, required: false) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > mostItems)
        {
            Fail(name, string.Create(CultureInfo.InvariantCulture, $"It must be a list of at most {mostItems} texts."));
            return [];
        }

        List<string> texts = [];
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 } text && text.Length <= maxLength)
            {
                texts.Add(text);
            }
            else
            {
                Fail(
                    [name, texts.Count.ToString(CultureInfo.InvariantCulture)],
                    string.Create(CultureInfo.InvariantCulture, $"It must be a text of 1 to {maxLength} characters."));
                return [];
            }
        }

        return texts;
    }

    public double? Number(string name)
    {
        if (Take(name, required: false) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.GetDouble();
        }

        // Forms give their numbers as texts.
        if (value.ValueKind == JsonValueKind.String && TryReadNumber(value.GetString()!, out var number))
        {
            return number;
        }

        Fail(name, "It must be a number that a double holds.");
        return null;
    }

    private static bool TryReadNumber(string text, out double number)
    {
        const int longest = 400;
        number = 0;
        if (text.Length is 0 or > longest || !(char.IsAsciiDigit(text[0]) || text[0] == '-'))
        {
            return false;
        }

        try
        {
            var value = JsonElement.Parse(text);
            return value.ValueKind == JsonValueKind.Number && JsonRules.FindProblem(value) is null && value.TryGetDouble(out number);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsPlainWhole(string text) => !text.AsSpan().ContainsAnyExceptInRange('0', '9');

    public long? Whole(string name)
    {
        if (Take(name, required: false) is not { } value)
        {
            return null;
        }

        if ((value.ValueKind == JsonValueKind.Number && CanonicalNumber.TryGetWhole(value.GetRawText(), out var number))
            || (value.ValueKind == JsonValueKind.String && CanonicalNumber.TryReadWhole(value.GetString()!, out number)))
        {
            if (number >= long.MinValue && number <= long.MaxValue)
            {
                return (long)number;
            }
        }

        Fail(name, "It must be a whole number of 64 bits.");
        return null;
    }

    public bool? Flag(string name)
    {
        if (Take(name, required: false) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        if (value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out var flag))
        {
            return flag;
        }

        Fail(name, "It must be true or false.");
        return null;
    }

    public Guid? Id(string name, bool required = false)
    {
        if (Take(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && GuidText.TryRead(value.GetString(), out var id))
        {
            return id;
        }

        Fail(name, "It must be a UUID such as 0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111.");
        return null;
    }

    /// <summary>The id of an incident that should be there. A text that is no UUID names none, so that it is missing, not malformed.</summary>
    public Guid? IncidentId(string name)
    {
        if (Take(name, required: true) is { ValueKind: JsonValueKind.String } value && !GuidText.TryRead(value.GetString(), out _))
        {
            _missing = ApiProblem.At(ProblemKind.NotFound, Pointer([name]), ApiProblem.NoSuchIncident(value.GetString()!));
            return null;
        }

        return _body.TryGetProperty(name, out var sent) && sent.ValueKind != JsonValueKind.Null ? Id(name) : null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Take(name, required: false) is not { } value)
        {
            return null;
        }

        // Years at the edge of the calendar leave no room for a time zone and are no times of incidents.
        if (UtcTimestampConverter.TryRead(value, out var time) && time.Year is >= 1900 and <= 9000)
        {
            return RecordPrecision.Truncate(time);
        }

        Fail(name, "It must be a time in ISO 8601, such as 2026-01-31T09:30:00Z.");
        return null;
    }

    public JsonElement? Object(string name)
    {
        if (Take(name, required: false) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value;
        }

        Fail(name, "It must be a JSON object.");
        return null;
    }

    public byte[]? Base64(string name, bool required = false)
    {
        if (Take(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes))
        {
            return bytes;
        }

        Fail(name, "It must be base64 (RFC 4648, with padding).");
        return null;
    }

    /// <summary>The member as it is; null when it is absent or null.</summary>
    public JsonElement? Take(string name, bool required)
    {
        _taken.Add(name);
        if (_body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
        {
            return value;
        }

        if (required)
        {
            Fail(name, "This member is required.");
        }

        return null;
    }

    /// <summary>Leaves a member that was read among the rest.</summary>
    public void Untake(string name) => _taken.Remove(name);

    private string Pointer(ReadOnlySpan<string> path)
    {
        var place = new JsonProblem("", "");
        for (var i = path.Length - 1; i >= 0; i--)
        {
            place = place.Within(path[i]);
        }

        return _parent + place.Pointer;
    }
}

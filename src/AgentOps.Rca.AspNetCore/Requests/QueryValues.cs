using System.Buffers.Text;
using System.Globalization;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.Json;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>Takes parameters out of a request's query, and collects every mistake with the parameter's name.</summary>
internal sealed class QueryValues(IQueryCollection query)
{
    private readonly List<(string Place, string Message)> _errors = [];

    public ApiProblem? Problem => _errors.Count == 0 ? null : ApiProblem.Of(ProblemKind.InvalidParameter, _errors);

    public void Fail(string name, string message) => _errors.Add((name, message));

    /// <summary>A text under one of two names, which must not say different things.</summary>
    public string? Text(string name, string alias)
    {
        var (text, other) = (Text(name), Text(alias));
        if (text is not null && other is not null && text != other)
        {
            Fail(alias, $"It is another name of {name}, which has another value.");
        }

        return text ?? other;
    }

    /// <summary>A text. One that is empty is not given: a form sends its fields whether they are filled or not.</summary>
    public string? Text(string name, int maxLength = 512)
    {
        var values = query[name];
        if (values.Count == 0 || (values.Count == 1 && string.IsNullOrEmpty(values[0])))
        {
            return null;
        }

        var text = values[0] ?? "";
        var mistake = values.Count > 1 ? "It must be given once."
            : text.Length > maxLength ? string.Create(CultureInfo.InvariantCulture, $"It must have 1 to {maxLength} characters.")
            : JsonRules.FindTextProblem(text);
        if (mistake is null)
        {
            return text;
        }

        Fail(name, mistake);
        return null;
    }

    public int Limit(int byDefault, int most) => Whole("limit", least: 1, most) ?? byDefault;

    /// <summary>A whole number, or null when it is not given.</summary>
    public int? Whole(string name, int least, int most = int.MaxValue)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"It must be a whole number {(most < int.MaxValue ? $"from {least} to {most}" : $"of at least {least}")}."));
        return null;
    }

    /// <summary>A time in ISO 8601, UTC when it has no offset; null when it is not given.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            && text.Length > 0 && char.IsAsciiDigit(text[0]) && text.Contains('-', StringComparison.Ordinal) && instant.Year is >= 1970 and <= 2261)
        {
            return instant;
        }

        Fail(name, "It must be a time in ISO 8601, such as 2026-01-31T09:30:00Z, from 1970 to 2261.");
        return null;
    }

    public bool Flag(string name)
    {
        switch (Text(name))
        {
            case null:
            case "false":
                return false;
            case "true":
                return true;
            default:
                Fail(name, "It must be true or false.");
                return false;
        }
    }

    /// <summary>A cursor that an earlier page gave, or null.</summary>
    public T? Cursor<T>(Func<ReadOnlySpan<byte>, T?> read)
        where T : struct
    {
        if (Text("cursor", maxLength: 4096) is not { } text)
        {
            return null;
        }

        try
        {
            if (Base64Url.IsValid(text) && read(Base64Url.DecodeFromChars(text)) is { } place)
            {
                return place;
            }
        }
        catch (FormatException)
        {
            // Told below.
        }

        Fail("cursor", "It must be a cursor that a page of this listing gave.");
        return null;
    }
}

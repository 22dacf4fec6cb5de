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

    public string? Text(string name, int maxLength = 512)
    {
        var values = query[name];
        if (values.Count == 0)
        {
            return null;
        }

        var text = values[0] ?? "";
        var mistake = values.Count > 1 ? "It must be given once."
            : text.Length == 0 || text.Length > maxLength ? string.Create(CultureInfo.InvariantCulture, $"It must have 1 to {maxLength} characters.")
            : JsonRules.FindTextProblem(text);
        if (mistake is null)
        {
            return text;
        }

        Fail(name, mistake);
        return null;
    }

    public int Limit(int byDefault, int most)
    {
        if (Text("limit") is not { } text)
        {
            return byDefault;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most)
        {
            return limit;
        }

        Fail("limit", string.Create(CultureInfo.InvariantCulture, $"It must be a whole number from 1 to {most}."));
        return byDefault;
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

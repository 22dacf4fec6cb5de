using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>One of several records that a result lists, under the name that people call it by.</summary>
/// <param name="Name">The name.</param>
/// <param name="Item">The record.</param>
/// <param name="Pointer">Where it stands in the result.</param>
/// <param name="Source">The call that returned it.</param>
internal sealed record NamedRow(string Name, JsonElement Item, string Pointer, ToolStep Source)
{
    private const int MostRows = 60;
    private static readonly string[] NameMembers = ["name", "full_name", "fullName", "display_name", "displayName", "title", "label"];
    private static readonly string[] NamingWords = ["id", "ids", "sku", "number", "no", "nr", "code", "ref", "reference", "email", "mail", "address", "iban", "phone", "uuid", "key", "account", "slug"];

    /// <summary>The name as it is compared with what people write.</summary>
    public string Plain { get; } = PlainWords.Of(Name);

    /// <summary>The lists of records in what a call returned, each with two or more.</summary>
    public static IEnumerable<List<NamedRow>> Lists(ToolStep tool)
    {
        foreach (var list in ResultValue.In(tool, tool.Result!.Value).Where(static value => value.Value.ValueKind == JsonValueKind.Array && value.Value.GetArrayLength() is > 1 and <= MostRows))
        {
            List<NamedRow> rows = [];
            foreach (var (item, index) in list.Value.EnumerateArray().Select(static (item, index) => (item, index)))
            {
                if (item.ValueKind == JsonValueKind.Object && NameOf(item) is { } name)
                {
                    rows.Add(new NamedRow(name, item, list.Pointer + "/" + index.ToString(CultureInfo.InvariantCulture), tool));
                }
            }

            if (rows.Count > 1 && rows.Count == list.Value.GetArrayLength())
            {
                yield return rows;
            }
        }
    }

    /// <summary>The member that holds this value and names the record, such as its id or its address; or null.</summary>
    public string? NamedBy(string value)
    {
        foreach (var member in Item.EnumerateObject())
        {
            if (ToolWords.Of(member.Name) is [.., var last] && Array.IndexOf(NamingWords, last) >= 0 && TextOf(member.Value) is { Length: > 1 } text && text.Equals(value, StringComparison.OrdinalIgnoreCase))
            {
                return member.Name;
            }
        }

        return null;
    }

    /// <summary>The members with a text or a number.</summary>
    public IEnumerable<(string Name, string Text)> Texts =>
        Item.EnumerateObject().Select(static member => (member.Name, Text: TextOf(member.Value))).Where(static member => member.Text is not null).Select(static member => (member.Name, member.Text!));

    /// <summary>Whether the record cannot be taken, as its state says, where the other one can.</summary>
    public bool IsUnavailableBeside(NamedRow other) => Item.EnumerateObject().Any(member =>
        member.Value.ValueKind is JsonValueKind.False or JsonValueKind.True or JsonValueKind.Number or JsonValueKind.String
        && other.Item.TryGetProperty(member.Name, out var another) && !JsonRules.AreEqual(member.Value, another)
        && (member.Value.ValueKind is JsonValueKind.False or JsonValueKind.True || member.Value.ToString() is "0" or "" || IsState(member.Name)));

    /// <summary>A fact about it.</summary>
    public Fact Say(string text) => Source.Result!.Say(text, Pointer, Name);

    private static bool IsState(string name) => ToolWords.Of(name).Any(static word => word is "status" or "state" or "availability" or "stock" or "phase");

    private static string? NameOf(JsonElement item)
    {
        foreach (var name in NameMembers)
        {
            if (item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 1 and <= 120 } text)
            {
                return text;
            }
        }

        return (item.TryGetProperty("first_name", out var first) || item.TryGetProperty("firstName", out first)) && (item.TryGetProperty("last_name", out var last) || item.TryGetProperty("lastName", out last))
            && first.ValueKind == JsonValueKind.String && last.ValueKind == JsonValueKind.String ? $"{first.GetString()} {last.GetString()}" : null;
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}

using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>One value in what a call gave back or was given.</summary>
/// <param name="Name">The member that it is, or that its list is.</param>
/// <param name="Value">The value.</param>
/// <param name="Parent">The object that it is a member of.</param>
/// <param name="Pointer">Where it stands in the payload.</param>
/// <param name="Source">The call.</param>
internal sealed record ResultValue(string Name, JsonElement Value, JsonElement Parent, string Pointer, ToolStep Source)
{
    // Before the digits of an amount, beside its sign: a currency and a space.
    private const int LongestBefore = 4;

    private static readonly string[] UnitWords = ["unit", "units", "uom", "currency", "currencycode", "ccy"];

    // An amount of this name is another one than the amount that a currency without such a word belongs to.
    private static readonly string[] Apart = ["original", "foreign", "source", "local", "native", "base", "target", "converted", "counter"];
    private static readonly string[] UnitMembers = ["unit", "units", "uom", "currency", "currency_code", "currencycode", "ccy"];

    /// <summary>The number that it is, or null.</summary>
    public double? Number => Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out var number) ? number
        : Value.ValueKind == JsonValueKind.String && Value.GetString()!.Trim() is var text && text.AsSpan(0, Math.Min(text.Length, LongestBefore + 2)).ContainsAnyInRange('0', '9')
            && Only(text) is { } only && only.Text.Length == text.Length ? only.Value : null;

    /// <summary>The words of its name that say what it is.</summary>
    public IReadOnlyList<string> Label => [.. ToolWords.Of(Name).Where(word => word.Length > 2 && word is not ("value" or "number" or "data" or "the" or "date" or "time" or "amount_cents" or "iso"))];

    /// <summary>Its unit: within its own text, beside it, or at the end of its name; or null.</summary>
    public string? Unit
    {
        get
        {
            if (Value.ValueKind == JsonValueKind.String && Only(Value.GetString()!) is { Unit: { } own })
            {
                return own;
            }

            if (Parent.ValueKind == JsonValueKind.Object)
            {
                var (isApart, unit) = MethodVersion.IsBefore(5) ? (false, null) : UnitOfSameName();
                if (unit is not null)
                {
                    return unit;
                }

                foreach (var member in Parent.EnumerateObject())
                {
                    var name = member.Name.ToLowerInvariant();
                    var isUnit = Array.IndexOf(UnitMembers, name) >= 0 || name == Name.ToLowerInvariant() + "_unit" || name == Name.ToLowerInvariant() + "_currency" || name == Name.ToLowerInvariant() + "unit";
                    if (isUnit && !(isApart && name.StartsWith('c')) && member.Value.ValueKind == JsonValueKind.String && Quantity.UnitOf(member.Value.GetString()!) is { } beside)
                    {
                        return beside;
                    }
                }
            }

            var words = ToolWords.Of(Name);
            if (words.Count < 2 || words.Contains("per"))
            {
                return null;
            }

            var isTemperature = words.Any(word => word.StartsWith("temp", StringComparison.Ordinal));
            return words[^1] switch
            {
                "f" when isTemperature => "°F",
                "c" when isTemperature => "°C",
                { Length: > 1 } last => Quantity.UnitOf(last),
                _ => null,
            };
        }
    }

    // The rest of a long text need not be looked through to know that there are several.
    private static Quantity? Only(string text) => Quantity.In(text).Take(2).ToList() is [var only] ? only : null;

    // original_amount is in original_currency, whatever the currency of the amount beside it is.
    private (bool IsApart, string? Unit) UnitOfSameName()
    {
        var own = ToolWords.Of(Name);
        foreach (var member in Parent.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String))
        {
            var words = ToolWords.Of(member.Name);
            var rest = words.Where(static word => Array.IndexOf(UnitWords, word) < 0 && word != "code").ToList();
            if (rest.Count > 0 && rest.Count < words.Count && words.Any(static word => Array.IndexOf(UnitWords, word) >= 0) && rest.TrueForAll(own.Contains) && Quantity.UnitOf(member.Value.GetString()!) is { } unit)
            {
                return (false, unit);
            }
        }

        return (own.Count > 1 && own.Any(static word => Array.IndexOf(Apart, word) >= 0), null);
    }

    /// <summary>The values of all results before a step, the newest last.</summary>
    public static List<ResultValue> Before(AgentRun run, AgentStep step)
    {
        List<ResultValue> values = [];
        foreach (var tool in run.Tools.Where(tool => tool is { Failure: null, Result: not null } && tool.Number < step.Number))
        {
            values.AddRange(In(tool, tool.Result!.Value));
        }

        return values;
    }

    /// <summary>The values in one payload of a call, lists and objects among them.</summary>
    public static List<ResultValue> In(ToolStep source, JsonElement payload)
    {
        const int most = 2_000;
        List<ResultValue> values = [];
        var open = new Queue<ResultValue>([new ResultValue("", payload, default, "", source)]);
        while (open.TryDequeue(out var at) && values.Count < most)
        {
            values.Add(at);
            switch (at.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in at.Value.EnumerateObject())
                    {
                        open.Enqueue(new ResultValue(member.Name, member.Value, at.Value, at.Pointer + JsonPointers.Step(member.Name), source));
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var (item, index) in at.Value.EnumerateArray().Select((item, index) => (item, index)))
                    {
                        open.Enqueue(new ResultValue(at.Name, item, at.Value, at.Pointer + "/" + index.ToString(CultureInfo.InvariantCulture), source));
                    }

                    break;
            }
        }

        return values;
    }

    /// <summary>A fact about it.</summary>
    public Fact Say(string text) => Source.Result!.Say(text, Pointer, Value.ValueKind == JsonValueKind.String ? Value.GetString() : Value.GetRawText());
}

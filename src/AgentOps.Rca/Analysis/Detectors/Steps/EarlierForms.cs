using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>The forms of the values that results before a step gave under some names: what an id looks like there, whatever its digits.</summary>
/// <param name="run">The run.</param>
/// <param name="names">The names; values under others are passed over.</param>
internal sealed class EarlierForms(AgentRun run, IEnumerable<string> names)
{
    private readonly HashSet<string> _names = [.. names.Select(KeyOf)];
    private readonly HashSet<(string Name, string Form)> _forms = [];
    private readonly EarlierResults _results = new(run);

    /// <summary>Goes on to a step; steps are given in their order.</summary>
    public void MoveTo(AgentStep step)
    {
        foreach (var leaf in _results.ReadTo(step).Where(static leaf => leaf.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number))
        {
            if (KeyOf(leaf.Name) is var key && _names.Contains(key))
            {
                _forms.Add((key, FormOf(leaf.Value.ToString())));
            }
        }
    }

    /// <summary>Whether a result gave a value of this form under this name.</summary>
    public bool Holds(string name, string value) => _forms.Contains((KeyOf(name), FormOf(value)));

    /// <summary>Whether two values have the same form: they differ in digits only.</summary>
    public static bool IsAlike(string left, string right) => left.Length == right.Length
        && left.Zip(right).All(pair => char.IsAsciiDigit(pair.First) == char.IsAsciiDigit(pair.Second) && (char.IsAsciiDigit(pair.First) || pair.First == pair.Second));

    private static string KeyOf(string name) => string.Join(' ', ToolWords.Of(name));

    private static string FormOf(string value) => string.Create(value.Length, value, static (form, value) =>
    {
        for (var i = 0; i < form.Length; i++)
        {
            form[i] = char.IsAsciiDigit(value[i]) ? '0' : value[i];
        }
    });
}

/// <summary>The values of the results before one step after the other, each read once.</summary>
/// <param name="run">The run.</param>
internal sealed class EarlierResults(AgentRun run)
{
    private int _next;

    /// <summary>The values of the results since the step before; steps are given in their order.</summary>
    public IEnumerable<ResultValue> ReadTo(AgentStep step)
    {
        for (; _next < run.Tools.Count && run.Tools[_next].Number < step.Number; _next++)
        {
            if (run.Tools[_next] is { Failure: null, Result: { } result } tool)
            {
                foreach (var value in ResultValue.In(tool, result.Value))
                {
                    yield return value;
                }
            }
        }
    }
}

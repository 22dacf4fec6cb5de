using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Calls of one tool that were given different things and gave back the same each time: it does not look at what makes them differ.</summary>
internal static class SameAnswers
{
    private const int FewestCalls = 3;

    /// <summary>The one argument in which the calls differ, or null when they differ in others or their results differ, too.</summary>
    public static string? Ignored(IReadOnlyList<ToolStep> calls)
    {
        if (calls.Count < FewestCalls || calls.Any(static call => call is not { Failure: null, Result.IsEmpty: false, Arguments.Value.ValueKind: JsonValueKind.Object })
            || calls.Select(static call => call.Result!.Key).Distinct().Count() > 1)
        {
            return null;
        }

        var names = calls.SelectMany(static call => call.Arguments!.Value.EnumerateObject().Select(static member => member.Name)).Distinct().ToList();
        var differing = names.FindAll(name => calls.Select(call => ValueOf(call, name)).Distinct().Count() > 1);
        return differing is [var only] && calls.Select(call => ValueOf(call, only)).Distinct().Count() >= FewestCalls ? only : null;
    }

    public static string Describe(IReadOnlyList<ToolStep> calls, string ignored) =>
        Words.Invariant($"{calls.Select(call => ValueOf(call, ignored)).Distinct().Count()} different values of “{Words.Short(ignored, 40)}”, each time with the same result");

    private static string ValueOf(ToolStep call, string name) => call.Arguments!.Value.TryGetProperty(name, out var value) ? value.GetRawText() : "";
}

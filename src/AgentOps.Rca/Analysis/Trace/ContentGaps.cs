using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>Which content of an agent's run was not recorded, and the setting of its framework that records it.</summary>
internal static class ContentGaps
{
    // Instrumentation scopes, and what turns the recording of content on there, as each one's documentation says.
    private static readonly (string Scope, string Setting)[] Settings =
    [
        ("Microsoft.SemanticKernel", "the switch Microsoft.SemanticKernel.Experimental.GenAI.EnableOTelDiagnosticsSensitive set to true"),
        ("Microsoft.Extensions.AI", "EnableSensitiveData = true in UseOpenTelemetry, or OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true"),
        ("Microsoft.Agents.AI", "EnableSensitiveData = true in UseOpenTelemetry, or OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true"),
        ("ModelContextProtocol", "no setting of its own: record the tool in the agent's process as well"),
        ("traceloop", "TRACELOOP_TRACE_CONTENT=true"),
        ("openinference", "OPENINFERENCE_HIDE_INPUTS and OPENINFERENCE_HIDE_OUTPUTS not set to true"),
        ("arizeai", "OPENINFERENCE_HIDE_INPUTS and OPENINFERENCE_HIDE_OUTPUTS not set to true"),
        ("mastra", "hideInput and hideOutput not set in its observability settings"),
        ("langfuse", "no mask function that removes inputs and outputs"),
        ("pydantic", "include_content=True in InstrumentationSettings"),
        ("openai-agents", "trace_include_sensitive_data (traceIncludeSensitiveData) set to true"),
        ("opentelemetry.instrumentation", "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true"),
    ];

    public static IEnumerable<string> Of(AgentRun run)
    {
        if (run.IsEmpty)
        {
            yield break;
        }

        // Of a file that has messages, a model call without any said nothing: there is no setting for that.
        var isFile = !MethodVersion.IsBefore(5) && run.Models.Any(model => model.HasContent);
        var models = run.Models.Where(model => !model.HasContent && !(isFile && model.Scope is null)).ToList();
        if (models.Count > 0)
        {
            yield return $"The messages of {Words.Count(models.Count, "model call")} of {run.Models.Count} were not recorded, so what the model was told and what it said was not looked at. What records them: {SettingOf(models)}.";
        }

        // Where calls have spans of their own, one without may never have been made: the run ended first.
        var unmade = MethodVersion.IsBefore(5) || !run.Tools.Any(static tool => tool.IsRecorded) ? [] : run.Tools.Where(static tool => !tool.IsRecorded && tool.Result is null).ToList();
        if (unmade.Count > 0)
        {
            yield return $"{Words.Count(unmade.Count, "tool call")} of {run.Tools.Count} {(unmade.Count == 1 ? "was" : "were")} asked for, and nothing records that {(unmade.Count == 1 ? "it was" : "they were")} made.";
        }

        var tools = run.Tools.Where(tool => tool.Arguments is null && tool.Result is null && !unmade.Contains(tool)).ToList();
        if (tools.Count > 0)
        {
            yield return $"The arguments and results of {Words.Count(tools.Count, "tool call")} of {run.Tools.Count} were not recorded, so what the tools were given and gave back was not looked at. What records them: {SettingOf(tools)}.";
        }
        else if (run.Tools.Count(tool => tool.Result is null && tool.Failure is null && !unmade.Contains(tool)) is > 0 and var without)
        {
            yield return $"The results of {Words.Count(without, "tool call")} of {run.Tools.Count} were not recorded, so what the tools gave back was not looked at.";
        }

        if (run.Models.Count > 0 && run.Tools.Count > 0 && run.Models.All(model => model.Offered.Count == 0))
        {
            yield return "Which tools the models were offered was not recorded, so calls were not held against their definitions.";
        }

        if (run.IsCut)
        {
            yield return Words.Invariant($"There are more than {StepTree.MostSteps} steps of agents; those after the first {StepTree.MostSteps} were not looked into.");
        }
    }

    private static string SettingOf(IEnumerable<AgentStep> steps)
    {
        var scopes = steps.Select(step => step.Scope).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var known = scopes.Select(scope => Array.Find(Settings, entry => scope.Contains(entry.Scope, StringComparison.OrdinalIgnoreCase)).Setting)
            .Append(scopes.Contains("ai") ? "recordInputs and recordOutputs not set to false in experimental_telemetry" : null).OfType<string>().Distinct().ToList();
        return known.Count > 0 ? string.Join("; ", known) : "the recording of message content in the OpenTelemetry settings of the agent's framework";
    }
}

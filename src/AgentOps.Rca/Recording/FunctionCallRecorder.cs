using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Recording;

/// <summary>Records the calls of a function. The caller gets exactly what the function returns.</summary>
internal sealed class FunctionCallRecorder(AIFunction inner, AgentRecorder recorder) : DelegatingAIFunction(inner)
{
    public static string ToolOf(AIFunction function) => ToolNames.ToolCallPrefix + function.Name;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var call = recorder.Begin(
            ToolOf(InnerFunction), new CallKind(CallKind.Tool, InnerFunction.Name), () => FunctionCallJson.Arguments(arguments, JsonSerializerOptions), isParent: true);
        var around = recorder.Place;
        object? result;
        try
        {
            recorder.Place = call.Place;
            result = await base.InvokeCoreAsync(arguments, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await recorder.EndAsync(call, () => RecordedResult.Of(failure), WriteAttributes).ConfigureAwait(false);
            throw;
        }
        finally
        {
            call.Own?.Stop();
            recorder.Place = around;
        }

        await recorder.EndAsync(call, () => FunctionCallJson.Result(result, JsonSerializerOptions), WriteAttributes).ConfigureAwait(false);
        return result;
    }

    private void WriteAttributes(System.Text.Json.Utf8JsonWriter writer)
    {
        writer.WriteString("gen_ai.operation.name", CallKind.Tool);
        writer.WriteString("gen_ai.tool.name", InnerFunction.Name);
        writer.WriteString("gen_ai.tool.type", "function");
    }
}

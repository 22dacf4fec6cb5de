using AgentOps.Rca.Recording;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Replay;

/// <summary>Answers the calls of a function from the recording; the function itself is not called.</summary>
internal sealed class FunctionCallReplayer(AIFunction inner, AgentReplay replay) : DelegatingAIFunction(inner)
{
    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var (call, content) = await replay.AnswerAsync(
            FunctionCallRecorder.ToolOf(InnerFunction), () => FunctionCallJson.Arguments(arguments, JsonSerializerOptions), cancellationToken).ConfigureAwait(false);
        object? result;
        try
        {
            result = call.Kind == RecordedKinds.Failure ? RecordedFailure.Read(content) : FunctionCallJson.ReadResult(call.Kind, content);
        }
        catch (InvalidDataException failure)
        {
            throw replay.Unreadable(call, failure.Message);
        }

        return result is RecordedFailure failed ? throw replay.ExceptionOf(failed) : result;
    }
}

using System.CommandLine;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Tool.Commands;

namespace AgentOps.Rca.Tool;

/// <summary>The commands, and what becomes of what goes wrong in them.</summary>
internal static class ToolProgram
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand(
            "Finds the cause of a failed agent run in a trace file, proves it, and serves it to people and coding agents. "
            + "Exit codes: 0 done, 1 the answer is no, 2 it could not be done.")
        {
            AnalyzeCommand.Create(), DiffCommand.Create(), ServeCommand.Create(), ImportCommand.Create(), VerifyCommand.Create(), ReplayCommand.Create(),
            McpCommand.Create(), DoctorCommand.Create(),
        };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
            }

            await Console.Error.WriteLineAsync("agentops-rca --help lists the commands, and each has a --help of its own.").ConfigureAwait(false);
            return ExitCode.Trouble;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception failure) when (failure is ToolException or IOException or UnauthorizedAccessException or FormatException or StoreUnavailableException
            or HttpRequestException or InvalidOperationException or StoreSetupException)
        {
            await Console.Error.WriteLineAsync(Output.Plain.Line(failure.Message)).ConfigureAwait(false);
            return ExitCode.Trouble;
        }
    }
}

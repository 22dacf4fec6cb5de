using AgentOps.Rca.Identity;
using AgentOps.Rca.Storage;

namespace AgentOps.Rca.WebHost;

/// <summary>What the program does instead of serving.</summary>
internal static class HostCommands
{
    /// <summary>Carries a command out.</summary>
    /// <returns>The exit code, or null when the arguments are none.</returns>
    public static async Task<int?> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        if (arguments is [VerifyCommand.Name, .. var rest])
        {
            return await VerifyCommand.RunAsync(rest, output, errors);
        }

        if (arguments is [KeysCommand.Name, .. var ofKeys])
        {
            DotNetEnv.Env.NoClobber().Load();
            return await KeysCommand.RunAsync(ofKeys, output, errors, TimeProvider.System);
        }

        if (arguments is ["tenants", "sql", var tenant])
        {
            // For databases that no host may alter.
            await output.WriteAsync(TenantTables.ToPostgres(new RcaTenant(tenant)));
            return 0;
        }

        if (HostHelp.IsAskedFor(arguments))
        {
            await output.WriteLineAsync(HostHelp.Text);
            return 0;
        }

        return null;
    }
}

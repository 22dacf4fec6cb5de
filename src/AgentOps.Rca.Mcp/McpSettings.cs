using AgentOps.Rca.Settings;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Mcp;

/// <summary>Checks the attributes of each option on its own.</summary>
[OptionsValidator]
internal sealed partial class McpAttributes : IValidateOptions<AgentOpsRcaMcpOptions>;

/// <summary>Where the MCP server is set.</summary>
internal static class McpSettings
{
    public static readonly SettingsSection Section = SettingsSection.Of("Mcp") with
    {
        Flags = [nameof(AgentOpsRcaMcpOptions.AllowAnalyze), nameof(AgentOpsRcaMcpOptions.AllowDecide)],
    };

    public static IEnumerable<SettingMistake> Find(AgentOpsRcaMcpOptions options)
    {
        if (options.PageUrl is { IsAbsoluteUri: false } or { Scheme: not ("http" or "https") })
        {
            yield return new(nameof(options.PageUrl), "must be an absolute address of http or https.");
        }
    }
}

using System.ComponentModel.DataAnnotations;

namespace AgentOps.Rca.Mcp;

/// <summary>
/// What the MCP server allows and how much it answers, from the section <c>AgentOpsRca:Mcp</c> and what code sets, which wins. None of them
/// must be set: by default it reads and changes nothing.
/// </summary>
public sealed class AgentOpsRcaMcpOptions
{
    internal const int IncidentBytes = 2_048;

    /// <summary>Whether there is a tool <c>analyze</c>, which stores an analysis: no.</summary>
    public bool AllowAnalyze { get; set; }

    /// <summary>Whether there is a tool <c>decide</c>, which approves or rejects a report in somebody's name: no.</summary>
    public bool AllowDecide { get; set; }

    /// <summary>
    /// The authorization policy of the host that a caller of <c>analyze</c> or <c>decide</c> must meet, beside the conventions of the endpoint; null
    /// for none. It counts over HTTP.
    /// </summary>
    public string? ActPolicy { get; set; }

    /// <summary>
    /// How many bytes a whole answer may have as it is sent, both its forms together: 16 KiB. What does not fit is counted, and asked for with the
    /// answer's cursor. An incident takes 2 KiB at most whatever stands here.
    /// </summary>
    [Range(4_096, 1_024 * 1_024)]
    public int AnswerBytes { get; set; } = 16 * 1_024;

    /// <summary>
    /// Where the page for people is, for the link in every answer; null takes the address that the API is mapped at, as the caller reached it, and
    /// leaves the link out where there is none.
    /// </summary>
    public Uri? PageUrl { get; set; }
}

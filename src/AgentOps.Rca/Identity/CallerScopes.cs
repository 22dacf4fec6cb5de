using System.Collections.Frozen;

namespace AgentOps.Rca.Identity;

/// <summary>What a caller may do. A key has some of them; <see cref="Admin"/> stands for all.</summary>
public static class CallerScopes
{
    /// <summary>Send records: incidents, spans, artifacts, OTLP. All that an agent needs.</summary>
    public const string Ingest = "ingest";

    /// <summary>Read what there is, and have bundles checked.</summary>
    public const string Read = "read";

    /// <summary>Have incidents analysed and replayed.</summary>
    public const string Analyze = "analyze";

    /// <summary>Approve and reject reports.</summary>
    public const string Decide = "decide";

    /// <summary>Take evidence out as bundles, and bundles in.</summary>
    public const string Bundle = "bundle";

    /// <summary>Everything, and to read who did what.</summary>
    public const string Admin = "admin";

    /// <summary>All of them, in the order in which they are listed.</summary>
    public static IReadOnlyList<string> All { get; } = [Ingest, Read, Analyze, Decide, Bundle, Admin];

    internal static readonly FrozenSet<string> Everything = All.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether who has these scopes may do what needs that one.</summary>
    internal static bool Allow(IReadOnlySet<string> scopes, string needed) => scopes.Contains(needed) || scopes.Contains(Admin);
}

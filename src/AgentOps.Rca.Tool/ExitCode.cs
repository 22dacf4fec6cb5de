namespace AgentOps.Rca.Tool;

/// <summary>What the tool ends with; docs/tool.md lists them.</summary>
internal static class ExitCode
{
    /// <summary>It did what was asked.</summary>
    public const int Done = 0;

    /// <summary>It did what was asked, and the answer is no: not valid, not reproduced, not the same, something lacks, or a cause with <c>--fail-on</c>.</summary>
    public const int No = 1;

    /// <summary>It could not: a wrong command, a file that cannot be read or understood, a host that cannot be reached.</summary>
    public const int Trouble = 2;

    /// <summary>It was interrupted.</summary>
    public const int Interrupted = 130;
}

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>
/// Which version of the trace engine's method speaks. Reports of an earlier one are made again as they were, so what a later one judges or says
/// differently asks here.
/// </summary>
internal static class MethodVersion
{
    private static readonly AsyncLocal<int> Asked = new();

    /// <summary>Within what is awaited here from now on, the method is that of this version.</summary>
    public static void Be(int version) => Asked.Value = version;

    /// <summary>Whether the method is older than this version.</summary>
    public static bool IsBefore(int version) => Asked.Value is not 0 and var asked && asked < version;
}

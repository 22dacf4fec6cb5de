namespace AgentOps.Rca.Recording;

/// <summary>A flow of execution whose activities are not recorded: that of writing what was recorded, which would record itself without end.</summary>
internal static class UnrecordedFlow
{
    // Ambient as Activity.Current is: a store's driver begins its activities where nothing can be handed to it.
    private static readonly AsyncLocal<bool> Entered = new();

    /// <summary>Whether this is one.</summary>
    public static bool IsEntered => Entered.Value;

    /// <summary>Makes it one until the asynchronous method that calls this returns.</summary>
    public static void Enter() => Entered.Value = true;
}

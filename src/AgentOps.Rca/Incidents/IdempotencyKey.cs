namespace AgentOps.Rca.Incidents;

/// <summary>
/// A caller's key for one incident. The incident's id is made from the key, so the store's insert-if-absent settles repeats and races, and no
/// table of keys is needed.
/// </summary>
internal static class IdempotencyKey
{
    private const int MaxLength = 255;

    /// <summary>What is said of a key that cannot be one.</summary>
    public static readonly string Rule = $"It must be one text of 1 to {MaxLength} printable ASCII characters.";

    /// <summary>Whether a text can be a key.</summary>
    public static bool IsValid(string key) => key.Length is > 0 and <= MaxLength && key.All(static c => c is >= ' ' and <= '~');

    /// <summary>The id that a key stands for.</summary>
    public static Guid IdOf(string key) => HashedId.Of("agentops-rca idempotency-key\n" + key);
}

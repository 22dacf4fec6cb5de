namespace AgentOps.Rca.Storage.Contents;

/// <summary>Published content and its age, which is also the place where a listing goes on.</summary>
/// <param name="CreatedTs">When it was written, or found again by a writer before it had a row.</param>
/// <param name="Digest">Its digest.</param>
internal readonly record struct OldContent(DateTimeOffset CreatedTs, string Digest)
{
    /// <summary>Before the first.</summary>
    public static OldContent First { get; } = new(DateTimeOffset.UnixEpoch, "");
}

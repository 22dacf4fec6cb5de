using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>
/// The model calls of an analysis, found by the digest of their prompt. Each answers once; a prompt that was sent twice has its replies in
/// the order of the calls.
/// </summary>
internal sealed class AnalysisReplies
{
    private const int MostReplyBytes = 64 * 1024 * 1024;

    private readonly Dictionary<ArtifactDigest, Queue<string?>> _replies = [];
    private readonly ArtifactVault _vault;

    /// <param name="calls">The spans of the calls, in order.</param>
    /// <param name="vault">Where their replies are.</param>
    public AnalysisReplies(IEnumerable<Span> calls, ArtifactVault vault)
    {
        _vault = vault;
        foreach (var call in calls)
        {
            if (ArtifactDigest.TryParse(call.ArgsDigest, out var prompt))
            {
                if (!_replies.TryGetValue(prompt, out var replies))
                {
                    _replies.Add(prompt, replies = new Queue<string?>());
                }

                replies.Enqueue(call.ResultDigest);
            }
        }
    }

    /// <summary>The first prompt that was asked and could not be answered, or null.</summary>
    public ArtifactDigest? Unanswered { get; private set; }

    public async ValueTask<ReadOnlyMemory<byte>?> FindReplyAsync(ArtifactDigest prompt, CancellationToken cancellationToken)
    {
        if (_replies.TryGetValue(prompt, out var replies) && replies.TryDequeue(out var reply) && ArtifactDigest.TryParse(reply, out var digest)
            && await _vault.ReadAllVerifiedAsync(digest, MostReplyBytes, cancellationToken).ConfigureAwait(false) is { IsIntact: true } read)
        {
            return read.Content;
        }

        Unanswered ??= prompt;
        return null;
    }
}

namespace AgentOps.Rca;

/// <summary>A store that can tell how much it keeps.</summary>
internal interface IStoredBytes
{
    /// <summary>The directory on this machine in which it keeps things; null when they are elsewhere.</summary>
    string? LocalDirectory { get; }

    /// <summary>How many bytes it takes where it keeps them, with indexes and what belongs to them.</summary>
    /// <param name="cancellationToken">Cancels the looking.</param>
    ValueTask<long> MeasureAsync(CancellationToken cancellationToken);
}

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>Looks for one class of trouble.</summary>
internal interface IDetector
{
    /// <summary>Yields what it finds, in an order that depends on the case alone.</summary>
    ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken);
}

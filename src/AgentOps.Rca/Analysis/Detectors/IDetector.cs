using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Looks for one class of trouble in a case. What it finds is ranked with what the others find, held against the recorded bytes, and written into
/// the report of the engine <c>trace</c>. Add one of your own with <c>AddDetector</c>.
/// </summary>
public interface IDetector
{
    /// <summary>
    /// The version of its method; it changes whenever it may find something else in the same case. The engine's version names it, so that a report
    /// is never made again by another method than its own.
    /// </summary>
    string Version => "1";

    /// <summary>Yields what it finds, in an order that depends on the case alone. It reads only the case: no clock, no network, no state of its own.</summary>
    /// <param name="context">The case, and how to read more of it.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken);
}

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>How a step failed.</summary>
/// <param name="Category">The class of the failure, such as <c>timeout</c>.</param>
/// <param name="Type">The error's type or code, or null.</param>
/// <param name="Words">What the error says, in its own words; may be empty.</param>
/// <param name="HttpStatus">The HTTP status, or null.</param>
/// <param name="Evidence">The fact that shows it.</param>
/// <param name="IsStatus">Whether the span's status says so; else its result does.</param>
internal sealed record StepFailure(string Category, string? Type, string Words, int? HttpStatus, Evidence.Fact Evidence, bool IsStatus)
{
    /// <summary>Whether only words in its output say so, and neither a status nor an exit code: then it counts where nobody noticed.</summary>
    public bool IsOnlySaid { get; init; }

    /// <summary>Whether whoever made the call chose to pass over such a failure: then it counts where the answer says that the work is done.</summary>
    public bool NeedsClaim { get; init; }
}

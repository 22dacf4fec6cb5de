using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Recording;

/// <summary>Says which setting is wrong, and how.</summary>
internal sealed class ActivityRecorderValidator : IValidateOptions<ActivityRecorderOptions>
{
    public ValidateOptionsResult Validate(string? name, ActivityRecorderOptions options) =>
        options.FindMistake() is { } mistake ? ValidateOptionsResult.Fail($"RecordActivities: {mistake}") : ValidateOptionsResult.Success;
}

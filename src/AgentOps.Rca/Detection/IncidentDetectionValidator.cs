using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>The rules across the settings; failures name the setting, never the secret.</summary>
internal sealed class IncidentDetectionValidator : IValidateOptions<IncidentDetectionOptions>
{
    public ValidateOptionsResult Validate(string? name, IncidentDetectionOptions options) =>
        options.FindMistake() is { } mistake ? ValidateOptionsResult.Fail(mistake) : ValidateOptionsResult.Success;
}

using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Settings;

/// <summary>Checks options by their attributes and by one rule, and calls each setting what its giver called it.</summary>
/// <param name="source">Where settings are read.</param>
/// <param name="section">Where these stand.</param>
/// <param name="attributes">The generated validator; null when the options have no attributes.</param>
/// <param name="rule">What attributes cannot say; null when there is nothing.</param>
internal sealed class SettingsValidator<TOptions>(
    SettingsSource source, SettingsSection section, IValidateOptions<TOptions>? attributes, Func<TOptions, IEnumerable<SettingMistake>>? rule)
    : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var given = source.Read(section);
        var failures = (attributes?.Validate(SettingsNames.Mark, options).Failures ?? [])
            .Select(failure => SettingsNames.PutIn(failure, given))
            .Concat((rule?.Invoke(options) ?? []).Select(mistake => $"{given.NameOf(mistake.Setting)} {mistake.Sentence}"))
            .ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}

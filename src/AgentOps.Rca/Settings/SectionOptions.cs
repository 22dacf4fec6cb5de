using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Settings;

/// <summary>Fills options from their section.</summary>
internal sealed class SectionOptions<TOptions>(SettingsSource source, SettingsSection section, Action<GivenSettings, TOptions> bind)
    : IConfigureOptions<TOptions>
    where TOptions : class
{
    public void Configure(TOptions options)
    {
        var given = source.Read(section);
        if (given.Mistakes.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(TOptions), given.Mistakes);
        }

        try
        {
            bind(given, options);
        }
        catch (InvalidOperationException failure) when (given.Explain(failure) is { } sentence)
        {
            throw new OptionsValidationException(section.Path, typeof(TOptions), [sentence]);
        }
    }
}

using AgentOps.Rca.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore;

/// <summary>Checks the attributes of each option on its own.</summary>
[OptionsValidator]
internal sealed partial class HttpAttributes : IValidateOptions<AgentOpsRcaHttpOptions>;

/// <summary>Where the HTTP API is set. It needs no call of its own before the application is built, so its options are put together here.</summary>
internal static class HttpSettings
{
    private static readonly SettingsSection Section = SettingsSection.Of("Http") with
    {
        Flags =
        [
            nameof(AgentOpsRcaHttpOptions.RequireApiKey), nameof(AgentOpsRcaHttpOptions.MapOtlp), nameof(AgentOpsRcaHttpOptions.DescribeInHost),
            nameof(AgentOpsRcaHttpOptions.MaskPreviews),
        ],
    };

    /// <summary>The options: the section's, then what code set, then checked.</summary>
    /// <exception cref="OptionsValidationException">A setting is wrong; each sentence names one.</exception>
    public static AgentOpsRcaHttpOptions Read(IServiceProvider services)
    {
        var source = services.GetRequiredService<SettingsSource>();
        var section = new SectionOptions<AgentOpsRcaHttpOptions>(source, Section, static (given, options) => given.Values.Bind(options));
        var validator = new SettingsValidator<AgentOpsRcaHttpOptions>(source, Section, new HttpAttributes(), Find);
        return new OptionsFactory<AgentOpsRcaHttpOptions>(
            [section, .. services.GetServices<IConfigureOptions<AgentOpsRcaHttpOptions>>()],
            services.GetServices<IPostConfigureOptions<AgentOpsRcaHttpOptions>>(),
            [validator, .. services.GetServices<IValidateOptions<AgentOpsRcaHttpOptions>>()]).Create(Options.DefaultName);
    }

    /// <summary>The options of the mapping that answers this request.</summary>
    public static AgentOpsRcaHttpOptions Of(HttpContext context) => context.GetEndpoint()!.Metadata.GetRequiredMetadata<AgentOpsRcaHttpOptions>();

    private static IEnumerable<SettingMistake> Find(AgentOpsRcaHttpOptions options)
    {
        if (options.MaxOtlpBytesInFlight < options.MaxOtlpBodyBytes)
        {
            yield return new(
                nameof(options.MaxOtlpBytesInFlight), $"must be at least {nameof(options.MaxOtlpBodyBytes)}, which is {options.MaxOtlpBodyBytes}.");
        }
    }
}

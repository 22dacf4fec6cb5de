using System.Diagnostics.CodeAnalysis;
using AgentOps.Rca;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Opens incidents by rule.</summary>
public static class DetectionBuilderExtensions
{
    /// <summary>
    /// Watches the runs of agents (<c>agent.run/…</c>, or what the frameworks call them) and opens an incident for each that ends in an error, misses its
    /// deadline, loops, exceeds a limit, or has a failed call that was not made good; analyses it; and tells a callback and a webhook.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the rules after the configuration was read.</param>
    public static IAgentOpsRcaBuilder DetectIncidents(this IAgentOpsRcaBuilder builder, Action<IncidentDetectionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddSettings<IncidentDetectionOptions>(
            IncidentDetectionSettings.Section,
            static (given, options) => given.Values.Bind(options),
            new IncidentDetectionAttributes(),
            IncidentDetectionSettings.Find)
            .PostConfigure<IEnumerable<IIncidentRule>>(static (options, rules) =>
            {
                foreach (var rule in rules.Except(options.Rules))
                {
                    options.Rules.Add(rule);
                }
            });
        if (configure is not null)
        {
            services.Configure(configure);
        }

        // The address of a webhook is a secret with many services, and the framework's loggers write it down.
        services.AddHttpClient(IncidentWebhook.ClientName)
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        services.TryAddSingleton<IncidentWebhook>();
        services.TryAddSingleton<RunSpans>();
        services.TryAddSingleton<FollowUpClaims>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunFindings, RunFindings>());
        services.TryAddSingleton<IncidentFollowUp>();
        services.TryAddSingleton<IncidentDetector>();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<ISpanObserver, IncidentDetector>(static provider => provider.GetRequiredService<IncidentDetector>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, IncidentDetector>(static provider => provider.GetRequiredService<IncidentDetector>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, IncidentFollowUp>(static provider => provider.GetRequiredService<IncidentFollowUp>()));
        return builder;
    }

    /// <summary>Adds a rule of your own, made by the services; those that are registered as <see cref="IIncidentRule"/> count, too.</summary>
    /// <typeparam name="T">The rule; one object judges all runs.</typeparam>
    /// <param name="builder">The builder.</param>
    public static IAgentOpsRcaBuilder AddIncidentRule<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IAgentOpsRcaBuilder builder)
        where T : class, IIncidentRule
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IIncidentRule, T>());
        return builder;
    }
}

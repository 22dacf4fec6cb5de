using AgentOps.Rca;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Records what happens in this process.</summary>
public static class RecordingBuilderExtensions
{
    /// <summary>
    /// Records the activities of these sources as spans: in the background, in batches, never making a caller wait. Calls add up.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="sources">Names of activity sources; <c>*</c> stands for any text, as in <c>MyAgent.*</c>.</param>
    public static IAgentOpsRcaBuilder RecordActivities(this IAgentOpsRcaBuilder builder, params string[] sources) =>
        builder.RecordActivities(options => Array.ForEach(sources, options.Sources.Add));

    /// <summary>Records activities of this process as spans.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Names the sources and changes the limits.</param>
    public static IAgentOpsRcaBuilder RecordActivities(this IAgentOpsRcaBuilder builder, Action<ActivityRecorderOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddSettings<ActivityRecorderOptions>(
                ActivityRecorderSettings.Section,
                static (given, options) => given.Values.Bind(options),
                new ActivityRecorderAttributes(),
                ActivityRecorderSettings.Find)
            .Configure(configure);
        builder.Services.TryAddSingleton<ActivityRecorder>();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, ActivityRecorder>(static provider => provider.GetRequiredService<ActivityRecorder>()));
        return builder;
    }
}

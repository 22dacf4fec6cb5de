using AgentOps.Rca;
using AgentOps.Rca.Recording;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

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
        builder.Services.AddOptions<ActivityRecorderOptions>()
            .Configure(configure)
            .ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ActivityRecorderOptions>, ActivityRecorderValidator>());
        builder.Services.TryAddSingleton<ActivityRecorder>();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, ActivityRecorder>(static provider => provider.GetRequiredService<ActivityRecorder>()));
        return builder;
    }
}

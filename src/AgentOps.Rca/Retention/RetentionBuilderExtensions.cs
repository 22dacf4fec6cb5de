using AgentOps.Rca;
using AgentOps.Rca.Retention;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Says how long records are kept.</summary>
public static class RetentionBuilderExtensions
{
    /// <summary>
    /// Deletes spans that belong to no incident once they started this long ago; without this call all are kept. Incidents, their spans
    /// and artifacts stay.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="age">The age, at least a minute.</param>
    /// <param name="configure">Changes how it is done.</param>
    public static IAgentOpsRcaBuilder DropBaselineAfter(
        this IAgentOpsRcaBuilder builder, TimeSpan age, Action<RetentionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddRetentionSettings()
            .Configure(options =>
            {
                options.BaselineAge = age;
                configure?.Invoke(options);
            });
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RetentionService>());
        return builder;
    }

    /// <summary>
    /// Deletes the content of artifacts that no row points to once it is this old; without this call all is kept. A host that dies
    /// between content and row leaves such content.
    /// </summary>
    /// <remarks>
    /// Content in a directory or a bucket is judged by the rows of this host's database. Hosts with different databases must not share one
    /// when one of them collects: each would delete what the others' rows point to. Turn it on when every host that writes there runs a
    /// version that has it.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="age">The age: a day by default, at least an hour.</param>
    /// <param name="configure">Changes how it is done.</param>
    public static IAgentOpsRcaBuilder CollectOrphanedContentAfter(
        this IAgentOpsRcaBuilder builder, TimeSpan? age = null, Action<RetentionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddRetentionSettings()
            .Configure(options =>
            {
                options.OrphanedContentAge = age ?? TimeSpan.FromDays(1);
                configure?.Invoke(options);
            });
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OrphanedContentService>());
        return builder;
    }
}

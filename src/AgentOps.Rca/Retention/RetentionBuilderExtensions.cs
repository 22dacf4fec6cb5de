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
        builder.Services.AddOptions<RetentionOptions>()
            .Configure(options =>
            {
                options.BaselineAge = age;
                configure?.Invoke(options);
            })
            .Validate(
                static options => options.IsValid,
                "DropBaselineAfter: the age must be at least a minute, BatchSize 1 to 100000, Interval a second to a day.")
            .ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RetentionService>());
        return builder;
    }
}

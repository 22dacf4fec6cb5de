using AgentOps.Rca.Recording;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.AI;

/// <summary>Records the calls of chat clients and functions of Microsoft.Extensions.AI.</summary>
public static class AgentOpsRcaChatClientBuilderExtensions
{
    /// <summary>
    /// Records each call of the client with the exact content that went in and came out, for what activities do not carry. Put it below
    /// <c>UseFunctionInvocation()</c>, so that every call of the model is recorded and not only the whole of them.
    /// </summary>
    /// <param name="builder">The builder; it must be built with the services of <c>AddAgentOpsRca()</c>: <c>Build(serviceProvider)</c>.</param>
    public static ChatClientBuilder UseAgentOpsRca(this ChatClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(static (inner, services) => RecorderOf(services).Wrap(inner));
    }

    /// <summary>Records each call of the function with its arguments and its result.</summary>
    /// <param name="function">The function.</param>
    /// <param name="services">The services of <c>AddAgentOpsRca()</c>.</param>
    public static AIFunction UseAgentOpsRca(this AIFunction function, IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(services);
        return RecorderOf(services).Wrap(function);
    }

    private static IAgentRecorder RecorderOf(IServiceProvider services) =>
        services.GetService<IAgentRecorder>() ?? throw new InvalidOperationException(
            "UseAgentOpsRca() needs the services of AgentOps.Rca: call builder.Services.AddAgentOpsRca() and build the client with Build(serviceProvider).");
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Reading;

internal static class ReadingServiceCollectionExtensions
{
    /// <summary>What a page, an MCP server and a tool show.</summary>
    public static void AddReading(this IServiceCollection services)
    {
        services.TryAddSingleton<IIncidentReader, IncidentReader>();
        services.TryAddSingleton<IRunReader, RunReader>();
    }
}

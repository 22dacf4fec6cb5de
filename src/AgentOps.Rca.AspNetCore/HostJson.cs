using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentOps.Rca.AspNetCore.Approvals;
using AgentOps.Rca.AspNetCore.Artifacts;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Patterns;
using AgentOps.Rca.AspNetCore.Service;
using AgentOps.Rca.AspNetCore.Spans;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore;

/// <summary>
/// Makes the types of the API known to the host's JSON options, under the names they have on the wire, so that an API description the
/// host generates (AddOpenApi) can tell their shape, also without reflection.
/// </summary>
internal static class HostJson
{
    private static readonly Assembly Ours = typeof(HostJson).Assembly;

    private static readonly IJsonTypeInfoResolver All = JsonTypeInfoResolver.Combine(
        IncidentsJsonContext.Default, ArtifactsJsonContext.Default, SpansJsonContext.Default, ApprovalsJsonContext.Default,
        PatternsJsonContext.Default, ServiceJsonContext.Default);

    public static void AddTypes(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        if (!options.IsReadOnly && !options.TypeInfoResolverChain.OfType<Resolver>().Any())
        {
            options.TypeInfoResolverChain.Insert(0, new Resolver());
        }
    }

    private sealed class Resolver : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
        {
            if (type.Assembly != Ours || All.GetTypeInfo(type, options) is not { } info)
            {
                return null;
            }

            foreach (var property in info.Properties)
            {
                property.Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            }

            return info;
        }
    }
}

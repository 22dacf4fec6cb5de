using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Mcp.Answers;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentOps.Rca.Mcp.Server;

/// <summary>An incident as a resource, <c>rca://incidents/{id}</c>: what the tool <c>get_incident</c> answers.</summary>
internal sealed class IncidentResource : McpServerResource
{
    private const string Prefix = "rca://incidents/";

    public override ResourceTemplate ProtocolResourceTemplate { get; } = new()
    {
        Name = "incident",
        UriTemplate = Prefix + "{id}",
        Description = "An incident: cause, confidence, ids of its evidence, decision.",
        MimeType = "application/json",
    };

    public override IReadOnlyList<object> Metadata => [];

    public override bool IsMatch(string uri) =>
        uri.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && Guid.TryParseExact(uri[Prefix.Length..], "D", out _);

    public override async ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (uri, services) = (request.Params.Uri, request.Services!);
        var id = Guid.ParseExact(uri[Prefix.Length..], "D");
        var incident = await IncidentAnswer.MakeAsync(
            id, services.GetRequiredService<IIncidentStore>(), services.GetRequiredService<IRcaReports>(), services.GetRequiredService<IIncidentApprovals>(),
            PageLinks.Of(services, "incident", $"{id:D}"), cancellationToken).ConfigureAwait(false);
        return incident is { Content: [TextContentBlock { Text: var text }] }
            ? new ReadResourceResult { Contents = [new TextResourceContents { Uri = uri, MimeType = "application/json", Text = text }] }
            : throw new McpProtocolException($"There is no incident {id:D}.", McpErrorCode.InvalidParams);
    }
}

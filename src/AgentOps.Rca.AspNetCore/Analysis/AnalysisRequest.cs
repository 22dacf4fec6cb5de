using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.AspNetCore.Analysis;

/// <summary>The body of <c>POST /rca/analyze</c>.</summary>
internal static class AnalysisRequest
{
    private const string Reference = "reference";

    public static RcaRequest? Read(BodyMembers body, out ApiProblem? problem)
    {
        var incidentId = body.IncidentId("incident_id");
        var engine = body.Text("engine", RcaRequest.LongestEngine) ?? RcaRequest.AutoEngine;
        var reference = body.Object(Reference) is { } value ? ReadReference(body, value) : null;
        var requestedBy = body.Text("requested_by", RcaRequest.LongestName);
        if (requestedBy is not null && ShownText.FindProblem(requestedBy) is { } mistake)
        {
            body.Fail("requested_by", mistake);
        }

        problem = body.Problem;
        return problem is null
            ? new RcaRequest { IncidentId = incidentId!.Value, Engine = engine, Reference = reference, RequestedBy = requestedBy }
            : null;
    }

    private static RcaReference ReadReference(BodyMembers body, JsonElement value)
    {
        var members = body.Within(Reference, value);
        var from = members.Whole("from_ts");
        var to = members.Whole("to_ts");
        var ids = members.Take("incident_ids", required: false) is { } list ? ReadIds(members, list) : null;
        var reference = new RcaReference { FromTs = from, ToTs = to, IncidentIds = ids };
        foreach (var (member, message) in reference.FindProblems())
        {
            members.Fail(member, message);
        }

        return reference;
    }

    private static List<Guid> ReadIds(BodyMembers members, JsonElement list)
    {
        List<Guid> ids = [];
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > RcaReference.MostIncidents)
        {
            members.Fail("incident_ids", string.Create(CultureInfo.InvariantCulture, $"It must be an array of 1 to {RcaReference.MostIncidents} UUIDs."));
            return ids;
        }

        foreach (var (index, item) in list.EnumerateArray().Index())
        {
            if (item.ValueKind == JsonValueKind.String && GuidText.TryRead(item.GetString(), out var id))
            {
                ids.Add(id);
            }
            else
            {
                members.Fail(["incident_ids", index.ToString(CultureInfo.InvariantCulture)], "It must be a UUID.");
            }
        }

        return ids;
    }
}

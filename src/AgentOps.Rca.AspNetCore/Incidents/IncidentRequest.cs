using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>The body of <c>POST /incidents</c>.</summary>
/// <param name="Incident">The incident it makes; its time is the server's when the body gives none.</param>
/// <param name="HasOwnId">Whether the client made the id.</param>
/// <param name="HasOwnTime">Whether the client gave the time.</param>
internal sealed record IncidentRequest(Incident Incident, bool HasOwnId, bool HasOwnTime)
{
    private const int MaxTextLength = 512;
    private const int MaxStatusLength = 64;

    public static IncidentRequest? Read(BodyMembers body, Guid? keyId, DateTimeOffset now, out ApiProblem? problem)
    {
        var id = body.Id("id") ?? body.Id("incident_id");
        body.Take("incident_id", required: false);
        var created = body.Time("created_ts");
        var incident = new Incident
        {
            Id = id ?? keyId ?? Guid.CreateVersion7(now),
            OrderId = body.Text("order_id", MaxTextLength, required: true, isKey: true) ?? "",
            ProblemType = body.Text("problem_type", MaxTextLength, required: true) ?? "",
            EtaDeltaHours = body.Number("eta_delta_hours"),
            Status = body.Text("status", MaxStatusLength) ?? IncidentStatus.Open,
            CreatedTs = created ?? now,
            Details = MergeDetails(body),
        };
        if (string.IsNullOrWhiteSpace(incident.Status))
        {
            body.Fail("status", "It must not be blank.");
        }

        if (incident.Status is IncidentStatus.Approved or IncidentStatus.Rejected)
        {
            body.Fail("status", "An incident is approved or rejected by a decision, not when it is opened.");
        }

        problem = body.Problem;
        return problem is null ? new IncidentRequest(incident, id is not null, created is not null) : null;
    }

    /// <summary>Whether this body says what is stored; a status that has changed since, and a time the server gave, do not count.</summary>
    public bool Describes(Incident stored) => stored.IsSameAs(HasOwnTime ? Incident : Incident with { CreatedTs = stored.CreatedTs });

    // Members nobody knows are kept under details.
    private static JsonElement MergeDetails(BodyMembers body)
    {
        var details = body.Object("details") ?? JsonRules.EmptyObject;
        var rest = body.Rest.ToList();
        if (rest.Count == 0)
        {
            return details;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var member in details.EnumerateObject())
            {
                member.WriteTo(json);
            }

            foreach (var member in rest)
            {
                if (!details.TryGetProperty(member.Name, out var twin))
                {
                    member.WriteTo(json);
                }
                else if (!CanonicalJson.AreEqual(twin, member.Value))
                {
                    body.Fail(member.Name, "This member is also there under details, with another value.");
                }
            }

            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = JsonRules.MaxRecordDepth });
    }
}

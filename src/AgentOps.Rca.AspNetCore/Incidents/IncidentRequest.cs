using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>Reads the body of <c>POST /incidents</c>.</summary>
internal static class IncidentRequest
{
    public static NewIncident? Read(BodyMembers body, string? idempotencyKey, out ApiProblem? problem)
    {
        var id = body.Id("id") ?? body.Id("incident_id");
        body.Take("incident_id", required: false);
        var created = body.Time("created_ts");
        var order = Key(body, "order_id");
        var incident = new NewIncident
        {
            Id = id,
            IdempotencyKey = idempotencyKey,
            OrderId = order,
            Subject = order is null ? Subject(body) : null,
            ProblemType = body.Text("problem_type", NewIncident.LongestText, required: true) ?? "",
            EtaDeltaHours = body.Number("eta_delta_hours"),
            Status = body.Text("status", NewIncident.LongestStatus),
            CreatedTs = created,
            Details = MergeDetails(body),
        };
        if (incident.Status is { } status && IncidentOpener.FindStatusProblem(status) is { } mistake)
        {
            body.Fail("status", mistake);
        }

        problem = body.Problem;
        return problem is null ? incident : null;
    }

    // The neutral name counts where the order is not given. It stays among the details, so that nobody takes another subject for an order.
    private static string? Subject(BodyMembers body)
    {
        var subject = Key(body, IncidentSubject.Member);
        body.Untake(IncidentSubject.Member);
        return subject;
    }

    private static string? Key(BodyMembers body, string name)
    {
        var key = body.Text(name, NewIncident.LongestText, isKey: true);
        if (key is not null && string.IsNullOrWhiteSpace(key))
        {
            body.Fail(name, string.Create(CultureInfo.InvariantCulture, $"It must have 1 to {NewIncident.LongestText} characters, not all of them blank."));
        }

        return key;
    }

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

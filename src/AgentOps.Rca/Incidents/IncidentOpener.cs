using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Incidents;

/// <summary>Checks, stamps and stores incidents. The store settles repeats and races: who comes first is stored.</summary>
internal sealed class IncidentOpener(IIncidentStore incidents, TimeProvider timeProvider) : IIncidentOpener
{
    public async ValueTask<IncidentOutcome> OpenAsync(NewIncident incident, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incident);
        if (FindProblems(incident).ToList() is { Count: > 0 } problems)
        {
            return new IncidentOutcome.Invalid(problems);
        }

        var now = timeProvider.GetUtcNow();
        var record = new Incident
        {
            Id = incident.Id ?? (incident.IdempotencyKey is { } key ? IdempotencyKey.IdOf(key) : Guid.CreateVersion7(now)),
            OrderId = incident.OrderId ?? incident.Subject ?? "",
            ProblemType = incident.ProblemType,
            EtaDeltaHours = incident.EtaDeltaHours,
            Status = incident.Status ?? IncidentStatus.Open,
            CreatedTs = incident.CreatedTs ?? now,
            Details = incident.OrderId is null ? IncidentSubject.Mark(incident.Details, incident.Subject) : incident.Details,
        };
        if (await incidents.AddAsync(record, cancellationToken).ConfigureAwait(false) == WriteOutcome.Added)
        {
            return new IncidentOutcome.Opened(record);
        }

        var stored = await incidents.GetAsync(record.Id, cancellationToken).ConfigureAwait(false) ?? record;
        return stored.IsSameAs(incident.CreatedTs is null ? record with { CreatedTs = stored.CreatedTs } : record)
            ? new IncidentOutcome.AlreadyOpened(stored)
            : incident.Id is null ? new IncidentOutcome.KeyReused(stored.Id) : new IncidentOutcome.IdTaken(stored.Id);
    }

    private static IEnumerable<IncidentProblem> FindProblems(NewIncident incident)
    {
        if (incident.IdempotencyKey is { } key && !IdempotencyKey.IsValid(key))
        {
            yield return new("idempotency_key", IdempotencyKey.Rule);
        }

        if (incident.OrderId is { } orderId && FindTextProblem(orderId, NewIncident.LongestText) is { } order)
        {
            yield return new("order_id", order);
        }

        if (incident is { OrderId: null, Subject: { } about } && FindTextProblem(about, NewIncident.LongestText) is { } subject)
        {
            yield return new(IncidentSubject.Member, subject);
        }

        if (FindTextProblem(incident.ProblemType, NewIncident.LongestText) is { } type)
        {
            yield return new("problem_type", type);
        }

        if (incident.EtaDeltaHours is { } hours && !double.IsFinite(hours))
        {
            yield return new("eta_delta_hours", "It must be a number that a double holds.");
        }

        if (incident.Status is { } status && FindStatusProblem(status) is { } wrong)
        {
            yield return new("status", wrong);
        }

        if (incident.Details.ValueKind != JsonValueKind.Object)
        {
            yield return new("details", "It must be a JSON object.");
        }
        else if (JsonRules.FindProblem(incident.Details) is { } problem)
        {
            yield return new($"details{problem.Pointer}", problem.Message);
        }
    }

    /// <summary>Why an incident cannot be opened with this status, or null when it can.</summary>
    public static string? FindStatusProblem(string status) =>
        string.IsNullOrWhiteSpace(status) ? "It must not be blank."
        : status is IncidentStatus.Approved or IncidentStatus.Rejected
            ? "An incident is approved or rejected by a decision, not when it is opened."
        : FindTextProblem(status, NewIncident.LongestStatus);

    private static string? FindTextProblem(string? text, int most) =>
        text is null ? "This member is required."
        : text.Length > most || string.IsNullOrWhiteSpace(text)
            ? string.Create(CultureInfo.InvariantCulture, $"It must have 1 to {most} characters, not all of them blank.")
            : JsonRules.FindTextProblem(text);
}

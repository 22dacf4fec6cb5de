using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Approvals;

/// <summary>
/// Records what people decide on reports. There is one decision a report, however many callers and hosts ask at once: the first insert
/// of its span wins. The incident's status follows it.
/// </summary>
public sealed partial class IncidentApprovals : IIncidentApprovals
{
    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;
    private readonly ISpanIntake _intake;
    private readonly RcaReports _reports;
    private readonly TimeProvider _timeProvider;
    private readonly IOptions<AgentOpsRcaOptions> _options;
    private readonly ILogger<IncidentApprovals> _logger;

    /// <summary>Makes the service over these stores.</summary>
    /// <param name="incidents">The incidents.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="reports">Reads which report is the latest.</param>
    /// <param name="timeProvider">The clock that stamps decisions.</param>
    /// <param name="options">Whether the approver must be somebody else than who asked for the analysis.</param>
    /// <param name="logger">Told when a decision is recorded.</param>
    /// <param name="intake">Where the spans of decisions go; null stores them and tells nobody.</param>
    public IncidentApprovals(
        IIncidentStore incidents,
        ISpanStore spans,
        RcaReports reports,
        TimeProvider timeProvider,
        IOptions<AgentOpsRcaOptions> options,
        ILogger<IncidentApprovals> logger,
        ISpanIntake? intake = null)
    {
        _incidents = incidents;
        _spans = spans;
        _intake = intake ?? new SpanIntake(spans);
        _reports = reports;
        _timeProvider = timeProvider;
        _options = options;
        _logger = logger;
    }

    /// <summary>Records a decision. Repeating the call is safe.</summary>
    /// <param name="request">The decision; its texts must pass <see cref="JsonRules.FindTextProblem"/>.</param>
    /// <param name="cancellationToken">Cancels the call; whether the decision is recorded is then unknown.</param>
    public async ValueTask<ApprovalOutcome> DecideAsync(ApprovalRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequireSeen(request.Decider?.Name, nameof(request.ApprovedBy), ApprovalRequest.LongestName, mayHaveLines: false);
        RequireSeen(request.Note, nameof(request.Note), ApprovalRequest.LongestNote, mayHaveLines: true);
        if (await _incidents.GetAsync(request.IncidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return new ApprovalOutcome.IncidentNotFound(request.IncidentId);
        }

        var analysis = await _reports.ListSpansAsync(request.IncidentId, cancellationToken).ConfigureAwait(false) is [var newest, ..] ? newest : null;
        var latest = analysis?.ResultDigest;
        if (request.ReportDigest is { } read && Normalize(read) != latest)
        {
            return latest is null ? new ApprovalOutcome.NoReport(read) : new ApprovalOutcome.StaleReport(read, latest);
        }

        var requester = analysis is null ? null : AnalysisSpan.ReadRequester(analysis);
        var fourEyes = _options.Value.FourEyes && request.Decision == ApprovalDecision.Approved;
        if (fourEyes && FourEyesRule.FindProblem(request.Decider, analysis is not null, requester) is { } reason)
        {
            return new ApprovalOutcome.NotAllowed(reason);
        }

        var span = ApprovalSpan.Create(request, latest, _timeProvider.GetUtcNow(), requester, fourEyes);
        var written = await _intake.AddAsync([span], cancellationToken).ConfigureAwait(false);
        var stored = written.Added == 1 ? span : await _spans.GetAsync(span.SpanId, cancellationToken).ConfigureAwait(false) ?? span;
        if (ApprovalSpan.Read(stored) is not { } approval)
        {
            throw new InvalidOperationException($"The span {span.SpanId} is there, but it is not a decision that this library made.");
        }

        if (approval.Decision != request.Decision || !IsSamePerson(approval.Approver, request.Decider) || approval.Note != request.Note)
        {
            return new ApprovalOutcome.Conflict(approval);
        }

        // A caller who repeats a decision also mends a status that was not set because the first call was cut off.
        await FollowAsync(incident, approval.Decision, isNew: written.Added == 1, cancellationToken).ConfigureAwait(false);
        if (written.Added == 0)
        {
            return new ApprovalOutcome.AlreadyRecorded(approval);
        }

        LogRecorded(approval.Decision, request.IncidentId, latest ?? "none");
        return new ApprovalOutcome.Recorded(approval);
    }

    /// <summary>Where an incident stands, or null when there is no such incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<ApprovalState?> ReadAsync(Guid incidentId, CancellationToken cancellationToken = default) =>
        await _incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is null ? null
            : await ApprovalReader.ReadAsync(_spans, incidentId, cancellationToken).ConfigureAwait(false);

    // Words of the user's own workflow are overwritten by a new decision only, never by a repeated one.
    private async ValueTask FollowAsync(Incident incident, ApprovalDecision decision, bool isNew, CancellationToken cancellationToken)
    {
        var wanted = decision == ApprovalDecision.Approved ? IncidentStatus.Approved : IncidentStatus.Rejected;
        for (var current = incident; current is not null; current = await _incidents.GetAsync(incident.Id, cancellationToken).ConfigureAwait(false))
        {
            if (current.Status == wanted
                || (!isNew && current.Status is not (IncidentStatus.Open or IncidentStatus.Approved or IncidentStatus.Rejected))
                || await _incidents.TrySetStatusAsync(incident.Id, current.Status, wanted, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    // Under the same name, one that is proven and one that is only claimed are two.
    private static bool IsSamePerson(Actor? recorded, Actor? now) =>
        recorded?.Name == now?.Name && (recorded?.Authenticated ?? false) == (now?.Authenticated ?? false);

    private static void RequireSeen(string? text, string name, int longest, bool mayHaveLines)
    {
        if (text?.Length > longest)
        {
            throw new ArgumentException($"{name}: It must have at most {longest} characters.");
        }

        if (text is not null && ShownText.FindProblem(text, mayHaveLines) is { } problem)
        {
            throw new ArgumentException($"{name}: {problem}");
        }
    }

    private static string Normalize(string digest) => ArtifactDigest.TryParse(digest, out var parsed) ? parsed.ToString() : digest;

    [LoggerMessage(LogLevel.Information, "A person has {Decision} incident {IncidentId} on the report {ReportDigest}.")]
    private partial void LogRecorded(ApprovalDecision decision, Guid incidentId, string reportDigest);
}

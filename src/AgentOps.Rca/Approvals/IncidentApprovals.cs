using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles.Signing;
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
internal sealed partial class IncidentApprovals : IIncidentApprovals
{
    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;
    private readonly ISpanIntake _intake;
    private readonly RcaReports _reports;
    private readonly TimeProvider _timeProvider;
    private readonly IOptions<AgentOpsRcaOptions> _options;
    private readonly ILogger<IncidentApprovals> _logger;
    private readonly ISigningKeyProvider? _keys;
    private readonly IAuditTrail? _audit;
    private readonly DecisionChecks? _checks;

    /// <summary>Makes the service over these stores.</summary>
    /// <param name="incidents">The incidents.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="reports">Reads which report is the latest.</param>
    /// <param name="timeProvider">The clock that stamps decisions.</param>
    /// <param name="options">Whether the approver must be somebody else than who asked for the analysis.</param>
    /// <param name="logger">Told when a decision is recorded.</param>
    /// <param name="intake">Where the spans of decisions go; null stores them and tells nobody.</param>
    /// <param name="keys">The key that signs decisions; null signs none and checks none.</param>
    /// <param name="audit">Where it is recorded who decided; null records nothing more.</param>
    public IncidentApprovals(
        IIncidentStore incidents,
        ISpanStore spans,
        RcaReports reports,
        TimeProvider timeProvider,
        IOptions<AgentOpsRcaOptions> options,
        ILogger<IncidentApprovals> logger,
        ISpanIntake? intake = null,
        ISigningKeyProvider? keys = null,
        IAuditTrail? audit = null)
    {
        _incidents = incidents;
        _spans = spans;
        _intake = intake ?? new SpanIntake(spans);
        _reports = reports;
        _timeProvider = timeProvider;
        _options = options;
        _logger = logger;
        _keys = keys;
        _audit = audit;
        _checks = keys is null ? null : new DecisionChecks(spans, keys);
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
            await AuditAsync(request, latest, AuditEntry.Refused, reason, cancellationToken).ConfigureAwait(false);
            return new ApprovalOutcome.NotAllowed(reason);
        }

        var key = _keys is null ? null : await _keys.GetSigningKeyAsync(cancellationToken).ConfigureAwait(false);
        var before = key is null ? null : await FindPredecessorAsync(request.IncidentId, latest, cancellationToken).ConfigureAwait(false);
        var span = ApprovalSpan.Create(request, latest, _timeProvider.GetUtcNow(), requester, fourEyes, before);
        span = key is null ? span : await DecisionSeal.SignAsync(span, key, cancellationToken).ConfigureAwait(false);
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

        // So is the second record of a decision, when the first call was cut off between the two.
        if (key is not null && DecisionSeal.KeyOf(stored) == key.Public.KeyId && DecisionSeal.IsBy(stored, key.Public))
        {
            await _intake.AddAsync([await DecisionWitness.CreateAsync(stored, key, cancellationToken).ConfigureAwait(false)], cancellationToken).ConfigureAwait(false);
        }

        // A caller who repeats a decision also mends a status that was not set because the first call was cut off.
        await FollowAsync(incident, approval.Decision, isNew: written.Added == 1, cancellationToken).ConfigureAwait(false);
        if (written.Added == 0)
        {
            return new ApprovalOutcome.AlreadyRecorded(approval);
        }

        await AuditAsync(request, latest, AuditEntry.Done, approval.Decision == ApprovalDecision.Approved ? "approved" : "rejected", cancellationToken).ConfigureAwait(false);
        LogRecorded(approval.Decision, request.IncidentId, latest ?? "none");
        return new ApprovalOutcome.Recorded(approval);
    }

    /// <summary>Where an incident stands, or null when there is no such incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<ApprovalState?> ReadAsync(Guid incidentId, CancellationToken cancellationToken = default) =>
        await _incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is null ? null
            : await ApprovalReader.ReadAsync(_spans, incidentId, _checks, cancellationToken).ConfigureAwait(false);

    private async ValueTask<string?> FindPredecessorAsync(Guid incidentId, string? reportDigest, CancellationToken cancellationToken)
    {
        Span? before = null;
        var query = new SpanQuery { IncidentId = incidentId.ToString("D"), Tool = ToolNames.HumanApproval, IsEvidence = false };
        await foreach (var span in _spans.ListAsync(query, cancellationToken).ConfigureAwait(false))
        {
            before = ApprovalSpan.Read(span) is not null && span.ArgsDigest != reportDigest ? span : before;
        }

        return before is null ? null : SpanJson.Digest(before).ToString();
    }

    private async ValueTask AuditAsync(ApprovalRequest request, string? report, string outcome, string detail, CancellationToken cancellationToken)
    {
        if (_audit is not null)
        {
            await _audit.RecordAsync(
                new AuditEntry
                {
                    Action = AuditActions.Decision,
                    Actor = request.Decider,
                    Object = $"report/{report ?? "none"}",
                    IncidentId = request.IncidentId,
                    Outcome = outcome,
                    Source = request.Source,
                    Detail = detail,
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

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

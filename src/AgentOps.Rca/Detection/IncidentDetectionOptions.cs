using System.ComponentModel.DataAnnotations;
using AgentOps.Rca.Settings;

namespace AgentOps.Rca.Detection;

/// <summary>
/// When a run of an agent opens an incident. Each setting can also come from the configuration section <c>AgentOpsRca:DetectIncidents</c>
/// (environment: <c>AgentOpsRca__DetectIncidents__MaxDuration=00:00:30</c>, or <c>…__MaxDurationSeconds=30</c>); what is set in code wins.
/// </summary>
public sealed class IncidentDetectionOptions
{
    /// <summary><c>OnError</c>: the run's own span, or the request that it served, ended in an error. On by default.</summary>
    public bool OnError { get; set; } = true;

    /// <summary>
    /// <c>OnFailedCall</c>: a call of a tool or a model failed, by its status or by what it gave back, and no later one made it good, though the run's
    /// own span ended well. Asked when no other rule is broken. On by default.
    /// </summary>
    public bool OnFailedCall { get; set; } = true;

    /// <summary>
    /// <c>OnProof</c>: the run broke no rule and ended well, and what it recorded proves it wrong, such as a call of a tool that was not offered or a
    /// side effect made twice. On by default.
    /// </summary>
    public bool OnProof { get; set; } = true;

    /// <summary>
    /// <c>Runs</c>: names of spans that are runs of an agent, beside those that are known; <c>*</c> stands for any text. A span of a service is
    /// named with it (<c>shop/ship order</c>) or without (<c>ship order</c>).
    /// </summary>
    public IList<string> Runs { get; } = [];

    /// <summary><c>MaxDuration</c> or <c>MaxDurationSeconds</c>: the run took longer; null, the default, sets no limit.</summary>
    public TimeSpan? MaxDuration { get; set; }

    /// <summary><c>MaxTokens</c>: its model calls used more tokens, in and out; null sets no limit.</summary>
    [Range(0.0, long.MaxValue)]
    public long? MaxTokens { get; set; }

    /// <summary><c>MaxCostUsd</c>: its recorded calls (<c>agentops.cost_usd</c>) cost more; null sets no limit.</summary>
    [Range(0.0, 1_000_000_000.0)]
    public decimal? MaxCostUsd { get; set; }

    /// <summary><c>MaxRepeats</c>: one tool was called more often with the same arguments; null sets no limit. 10 by default.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxRepeats { get; set; } = 10;

    /// <summary><c>DeadlineAttribute</c>: the run ended after the time in this attribute (ISO 8601, or a number as timestamps have), or took longer than an
    /// attribute such as <c>deadline_ms</c> or <c>timeout_s</c> gave it. Empty: off.</summary>
    public string DeadlineAttribute { get; set; } = "agentops.deadline";

    /// <summary>Attributes of the run that hold what it was for, its business key; the first one found counts; else the trace's id does.</summary>
    public IList<string> OrderIdAttributes { get; } = ["agentops.subject", "agentops.order_id", "order.id", "order_id", "gen_ai.conversation.id"];

    /// <summary>Rules of your own, asked after those above; those that are registered in the services (<c>AddIncidentRule</c>) are added to them.</summary>
    public IList<IIncidentRule> Rules { get; } = [];

    /// <summary><c>Analyze</c>: whether an incident is analysed at once. On by default.</summary>
    public bool Analyze { get; set; } = true;

    /// <summary><c>Engine</c>: the engine that analyses: <c>auto</c>.</summary>
    public string Engine { get; set; } = "auto";

    /// <summary><c>Settle</c> or <c>SettleSeconds</c>: how long to wait for the other spans of a run after its own has come. 2 s.</summary>
    [Duration("00:00:00", "01:00:00")]
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary><c>LookBack</c> or <c>LookBackSeconds</c>: how far back a start of the host looks for runs that it missed. 10 minutes; zero: not at all.</summary>
    [Duration("00:00:00", "7.00:00:00")]
    public TimeSpan LookBack { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Called for each incident that was opened, after its analysis; what it throws is logged. Once, unless the host stops before the
    /// incident is recorded as told: then once more after its start.
    /// </summary>
    public Func<DetectedIncident, CancellationToken, ValueTask>? OnDetected { get; set; }

    /// <summary><c>WebhookUrl</c>: where each incident is sent as JSON; null sends none.</summary>
    public Uri? WebhookUrl { get; set; }

    /// <summary><c>WebhookSecret</c>: the key of the signature (see <see cref="WebhookSignature"/>); required with a URL.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary><c>WebhookAttempts</c>: how often a delivery is tried in a row, with growing waits between: 6.</summary>
    [Range(1, 100)]
    public int WebhookAttempts { get; set; } = 6;

    /// <summary>
    /// <c>DeliverFor</c> or <c>DeliverForSeconds</c>: how long after the run's end a delivery that does not arrive is taken up again, also by other hosts and after a
    /// restart; then it is recorded as given up. 24 hours.
    /// </summary>
    [Duration("00:01:00", "7.00:00:00")]
    public TimeSpan DeliverFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary><c>RetryInterval</c> or <c>RetryIntervalSeconds</c>: how often incidents are looked for whose delivery has not arrived. A minute.</summary>
    [Duration("00:00:01", "01:00:00")]
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromMinutes(1);
}

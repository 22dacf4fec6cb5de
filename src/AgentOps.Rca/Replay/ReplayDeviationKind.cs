using System.Text.Json.Serialization;

namespace AgentOps.Rca.Replay;

/// <summary>What a replay can find.</summary>
public enum ReplayDeviationKind
{
    /// <summary>An artifact that is named is not there. The replay is incomplete.</summary>
    [JsonStringEnumMemberName("missing_artifact")]
    MissingArtifact,

    /// <summary>An artifact's bytes do not hash to its digest. The replay diverges.</summary>
    [JsonStringEnumMemberName("digest_mismatch")]
    DigestMismatch,

    /// <summary>A span's parent is not among the incident's spans. A note: the recording was made so.</summary>
    [JsonStringEnumMemberName("unknown_parent")]
    UnknownParent,

    /// <summary>A span's chain of parents comes back to it. A note: the recording was made so.</summary>
    [JsonStringEnumMemberName("cycle")]
    Cycle,

    /// <summary>A span ends before it starts, or starts before the span that called it. A note: the recording was made so.</summary>
    [JsonStringEnumMemberName("time_inversion")]
    TimeInversion,

    /// <summary>Evidence came after an analysis, which did not look at it. A note: the report stands for what it looked at.</summary>
    [JsonStringEnumMemberName("evidence_added")]
    EvidenceAdded,

    /// <summary>The incident or a span does not say what it said when it was analysed. The replay diverges.</summary>
    [JsonStringEnumMemberName("evidence_changed")]
    EvidenceChanged,

    /// <summary>A span that was analysed is not there any more. The replay is incomplete.</summary>
    [JsonStringEnumMemberName("evidence_missing")]
    EvidenceMissing,

    /// <summary>What an analysis looked at was recorded in a form that cannot be read. The replay is incomplete.</summary>
    [JsonStringEnumMemberName("case_unreadable")]
    CaseUnreadable,

    /// <summary>The engine that made a report is not here in that version. The replay is incomplete.</summary>
    [JsonStringEnumMemberName("engine_version_differs")]
    EngineVersionDiffers,

    /// <summary>
    /// A call was made that is not in the recording. An analysis whose model call is missing is incomplete; an agent that makes another
    /// call than it made then diverges.
    /// </summary>
    [JsonStringEnumMemberName("call_not_recorded")]
    CallNotRecorded,

    /// <summary>A report came out differently. The replay diverges.</summary>
    [JsonStringEnumMemberName("report_differs")]
    ReportDiffers,

    /// <summary>An agent made a recorded call with other arguments. The replay diverges.</summary>
    [JsonStringEnumMemberName("argument_changed")]
    ArgumentChanged,

    /// <summary>An agent made a call more often than it was recorded. The replay diverges.</summary>
    [JsonStringEnumMemberName("extra_call")]
    ExtraCall,

    /// <summary>An agent did not make a call that was recorded. The replay diverges.</summary>
    [JsonStringEnumMemberName("recording_unused")]
    RecordingUnused,

    /// <summary>A run of an agent came to another result. The replay diverges.</summary>
    [JsonStringEnumMemberName("result_differs")]
    ResultDiffers,

    /// <summary>The bytes of a recorded call are not in a form that can be replayed. The replay is incomplete.</summary>
    [JsonStringEnumMemberName("recording_unreadable")]
    RecordingUnreadable,

    /// <summary>The record of a decision was changed, forged or removed. The replay diverges.</summary>
    [JsonStringEnumMemberName("decision_changed")]
    DecisionChanged,
}

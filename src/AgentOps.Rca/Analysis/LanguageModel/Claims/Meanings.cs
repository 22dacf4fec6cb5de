namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>
/// What words about runs mean: several words have one meaning, and a claim may use any of them. A meaning must be carried by a cited
/// record whatever word it comes in.
/// </summary>
[Flags]
internal enum Meanings : long
{
    None = 0,

    /// <summary>It went wrong.</summary>
    Failure = 1L << 0,

    /// <summary>It went well.</summary>
    Success = 1L << 1,

    /// <summary>Somebody said no.</summary>
    Refusal = 1L << 2,

    /// <summary>Time ran out.</summary>
    TimedOut = 1L << 3,

    /// <summary>It was stopped before its end.</summary>
    Aborted = 1L << 4,

    /// <summary>More than is allowed.</summary>
    Limit = 1L << 5,

    /// <summary>How long it took.</summary>
    Duration = 1L << 6,
    Slow = 1L << 7,
    Fast = 1L << 8,
    Waiting = 1L << 9,
    Repeated = 1L << 10,
    Empty = 1L << 11,
    Missing = 1L << 12,
    Changed = 1L << 13,

    /// <summary>Set beside what is usual.</summary>
    Compared = 1L << 14,

    /// <summary>Who made a call.</summary>
    Caller = 1L << 15,
    Access = 1L << 16,
    Expired = 1L << 17,
    Old = 1L << 18,
    Invalid = 1L << 19,

    /// <summary>Too many requests.</summary>
    RateLimited = 1L << 20,
    Same = 1L << 21,
    Crashed = 1L << 22,
    Invented = 1L << 23,
    Ignored = 1L << 24,
    Truncated = 1L << 25,
    Filtered = 1L << 26,
    Instruction = 1L << 27,
    Loop = 1L << 28,
    Error = 1L << 29,
    Size = 1L << 30,
    Sent = 1L << 31,
    Received = 1L << 32,
    Unusual = 1L << 33,
    Handled = 1L << 34,
    Found = 1L << 35,
    Share = 1L << 36,
    Wrong = 1L << 37,
    Read = 1L << 38,
    Written = 1L << 39,
    Delegated = 1L << 40,
    More = 1L << 41,
    Less = 1L << 42,

    /// <summary>In time.</summary>
    InTime = 1L << 43,

    /// <summary>Somebody said yes.</summary>
    Accepted = 1L << 44,
    Valid = 1L << 45,
    Available = 1L << 46,
    Unavailable = 1L << 47,
    Whole = 1L << 48,
    Fresh = 1L << 49,
    Present = 1L << 50,

    /// <summary>Within what is allowed.</summary>
    Within = 1L << 51,
}

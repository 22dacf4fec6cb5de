using System.Collections.Frozen;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>English words about runs of software, by what they mean, and which meanings of the records carry which of a claim.</summary>
internal static class Thesaurus
{
    /// <summary>Words by meaning; a word may have several.</summary>
    private static readonly (Meanings Meaning, string Words)[] Entries =
    [
        (Meanings.Failure, "fail failing failed error errors exception faulty trouble problem outage downtime unsuccessful unsuccessfully throw threw raise raised broken collapse malfunction hitch mishap unable bad badly"),
        (Meanings.Error, "error exception throw raise"),
        (Meanings.Success, "succeed succeeded success successful successfully fine ok healthy fulfilled fulfil accomplish cleanly smoothly flawlessly intact"),
        (Meanings.Refusal, "refuse refusal reject rejection deny denied denial decline forbid forbidden unauthorized unauthorised disallow disallowed bounce"),
        (Meanings.TimedOut, "timeout timeouts deadline"),
        (Meanings.Aborted, "abort aborted interrupt interrupted terminate terminated cancel cancelled canceled premature prematurely cutoff halt halted incomplete unfinished"),
        (Meanings.Limit, "limit maximum max exceed exceeded excess excessive over above beyond oversize oversized overlong quota budget cap capped ceiling overflow overrun threshold allowance overstep surpass permitted"),
        (Meanings.Size, "long large big size length many much huge small short"),
        (Meanings.Duration, "duration elapsed spend spent"),
        (Meanings.Slow, "slow slower slowest slowly delay delayed lag sluggish late lateness hold-up longest longer"),
        (Meanings.Fast, "fast faster fastest quick quickly quickest brief briefly swift rapid rapidly shortest instant instantly"),
        (Meanings.Waiting, "wait waited waiting pending idle hang hung stall stalled stuck"),
        (Meanings.Repeated, "again repeat repeated repeatedly repetition retry retried retries twice thrice duplicate duplicated anew afresh re-run rerun"),
        (Meanings.Loop, "loop looped cycle circle"),
        (Meanings.Empty, "empty nothing blank null none emptiness"),
        (Meanings.Missing, "missing absent lack lacked lacking unknown nonexistent undefined unregistered unrecognised unrecognized omit omitted"),
        (Meanings.Changed, "change changed changes differ differs different differently difference depart departs deviate deviates deviation unlike vary varied altered alter modified modify structure structural shape"),
        (Meanings.Unusual, "unusual odd abnormal anomaly anomalous irregular unexpected unexpectedly strange untypical"),
        (Meanings.Compared, "compare compared comparison comparing baseline reference usual usually normal normally typical typically measured benchmark"),
        (Meanings.Caller, "caller issue issued invoke invoked invocation originate originated parent initiate initiated dispatch dispatched launch launched"),
        (Meanings.Access, "access permission credential credentials unauthorized unauthorised authorization authorisation authentication login"),
        (Meanings.Expired, "expire expired expiry expiration lapse lapsed outlived"),
        (Meanings.Old, "old stale outdated obsolete cached older superseded dated"),
        (Meanings.Invalid, "invalid malformed illegal unparseable unreadable incorrect"),
        (Meanings.Wrong, "wrong wrongly incorrect incorrectly mistaken mistakenly false falsely erroneous"),
        (Meanings.RateLimited, "throttle throttled throttling"),
        (Meanings.Same, "same identical identically equal equally alike unchanged conform consistent"),
        (Meanings.Crashed, "crash crashed die died kill killed exit exited"),
        (Meanings.Invented, "invent invented fabricate fabricated hallucinate hallucinated"),
        (Meanings.Ignored, "ignore ignored disregard disregarded overlook overlooked swallow swallowed"),
        (Meanings.Truncated, "truncate truncated"),
        (Meanings.Filtered, "filter filtered censor"),
        (Meanings.Instruction, "instruct instruction instructions command commands injection"),
        (Meanings.Sent, "send sent submit submitted transmit"),
        (Meanings.Received, "receive received obtain obtained"),
        (Meanings.Handled, "handle handled recover recovered repair repaired"),
        (Meanings.Found, "match matched located"),
        (Meanings.Share, "share percent percentage portion proportion"),
        (Meanings.Read, "fetch get read fetched load loaded retrieve retrieved lookup"),
        (Meanings.Written, "write written store stored save saved"),
        (Meanings.Delegated, "handoff hand-off delegate delegated"),
        (Meanings.More, "more higher greater larger bigger longer increase increased exceed above over"),
        (Meanings.InTime, "punctual punctually timely"),
        (Meanings.Accepted, "accept accepted grant granted approve approved allow allowed admit admitted"),
        (Meanings.Valid, "valid correct well-formed wellformed"),
        (Meanings.Available, "available reachable responsive"),
        (Meanings.Unavailable, "unavailable unreachable offline unresponsive"),
        (Meanings.Whole, "complete completely completed whole wholly entire"),
        (Meanings.Fresh, "fresh new newest latest current up-to-date"),
        (Meanings.Present, "present offered registered known existing"),
        (Meanings.Within, "fit"),
        (Meanings.Less, "less fewer lower smaller shorter below under decrease decreased"),
    ];

    /// <summary>Phrases by meaning; <c>*</c> stands for up to three words. The first word may come in any form.</summary>
    private static readonly (Meanings Meaning, string[] Phrases)[] PhraseEntries =
    [
        (Meanings.Refusal | Meanings.Failure, ["turn down", "turn * down", "turn away", "send * away", "not allow", "not permit", "not accept", "not let"]),
        (Meanings.Success, ["go through", "come through", "go well", "work out", "went through", "run clean", "without * error", "without * problem", "without * failure", "without * trouble", "in order", "no error", "no problem", "no failure", "no trouble", "no fault"]),
        (Meanings.TimedOut | Meanings.Failure, ["time out", "run out of time", "out of time", "not * in time", "not finish in time", "too late", "take too long", "run out the clock", "hit * timeout", "not * before its deadline"]),
        (Meanings.InTime | Meanings.Success, ["in time", "on time", "before * deadline", "within * deadline"]),
        (Meanings.Within | Meanings.Success, ["stay within", "keep within", "remain within", "stay below", "stay under", "remain below", "within * limit", "within * budget", "within * quota", "within * turn", "below * limit", "under * limit", "fit into", "fit in", "fit within", "keep to", "enough room", "not exceed", "not go over", "not reach * limit"]),
        (Meanings.Unavailable | Meanings.Failure, ["not reach", "not be reach", "not available", "not respond", "not * reach", "was down", "were down", "out of service"]),
        (Meanings.Aborted | Meanings.Failure, ["break off", "cut off", "cut short", "cut * off", "cut * short", "break down", "stop short", "not finish", "not * to the end", "not complete"]),
        (Meanings.Limit | Meanings.Size, ["too long", "too large", "too big", "too many", "too much", "at most", "more than allow", "not fit", "not have room", "no room for"]),
        (Meanings.Expired, ["no longer valid", "not valid any more", "not valid anymore", "run out"]),
        (Meanings.Missing, ["not find", "no such", "not exist", "not there", "not know", "not offer", "not present", "not store", "not register", "not list", "no longer"]),
        (Meanings.Failure, ["give up", "go wrong", "not succeed", "not work", "in vain", "end badly", "fall over", "not get through", "without success", "to no avail"]),
        (Meanings.Repeated, ["over and over", "again and again", "once more", "one more time", "more than once", "several time", "time after time", "a second time"]),
        (Meanings.Compared, ["set against", "hold against", "put beside", "against the baseline", "good run"]),
        (Meanings.Caller, ["call by", "make by", "issue by", "send by", "start by", "request by", "ask by", "trigger by", "come from", "put together", "on behalf of", "made by"]),
        (Meanings.RateLimited | Meanings.Limit, ["rate limit", "too many request", "request limit"]),
        (Meanings.Slow, ["hold up", "held up", "take long", "take its time"]),
        (Meanings.Empty, ["no result", "no hit", "no entry", "no entries", "no match", "no row", "not * anything", "not * a single", "came back empty"]),
        (Meanings.Changed | Meanings.Unusual, ["out of line", "stand out"]),
        (Meanings.Loop, ["in circle", "go round"]),
        (Meanings.Access, ["access deny", "not * allow"]),
        (Meanings.Same, ["no different", "no change", "not change", "as usual", "as always", "as before", "as normal", "like the baseline", "in line with", "in line", "match the baseline", "behave normally", "run normally", "within the baseline"]),
        (Meanings.None, ["on record", "at all", "after all", "in all", "at once", "at least", "as well", "in turn", "in part", "in this run", "in the run", "of the run", "in question", "in fact"]),
    ];

    private static readonly FrozenDictionary<string, Meanings> Words = Entries
        .SelectMany(entry => entry.Words.Split(' ').Select(word => (Stem: EnglishStem.Of(word), entry.Meaning)))
        .GroupBy(pair => pair.Stem, StringComparer.Ordinal)
        .ToFrozenDictionary(group => group.Key, group => group.Aggregate(Meanings.None, (all, pair) => all | pair.Meaning), StringComparer.Ordinal);

    /// <summary>The phrases, each as the stems of its words, the longest first.</summary>
    public static IReadOnlyList<(string[] Stems, Meanings Meaning)> Phrases { get; } =
    [
        .. PhraseEntries.SelectMany(entry => entry.Phrases.Select(phrase => (phrase.Split(' ').Select(word => word is "*" ? word : EnglishStem.Of(word)).ToArray(), entry.Meaning)))
            .OrderByDescending(phrase => phrase.Item1.Length),
    ];

    /// <summary>Meanings that rule each other out.</summary>
    public static IReadOnlyList<(Meanings Good, Meanings Bad)> Opposites { get; } =
    [
        (Meanings.InTime, Meanings.TimedOut | Meanings.Slow),
        (Meanings.Accepted, Meanings.Refusal),
        (Meanings.Valid, Meanings.Invalid | Meanings.Expired),
        (Meanings.Available, Meanings.Unavailable),
        (Meanings.Whole, Meanings.Aborted | Meanings.Truncated),
        (Meanings.Fresh, Meanings.Old),
        (Meanings.Present | Meanings.Found, Meanings.Missing),
        (Meanings.Within, Meanings.Limit),
        (Meanings.Same, Meanings.Changed | Meanings.Unusual),
        (Meanings.Fast, Meanings.Slow),
        (Meanings.Handled, Meanings.Ignored),
    ];

    /// <summary>What a word means by itself.</summary>
    public static Meanings Of(string stem) => Words.GetValueOrDefault(stem);

    /// <summary>The meanings of records that carry one of a claim; any of them is enough.</summary>
    public static Meanings Carriers(Meanings meaning) => meaning switch
    {
        Meanings.Failure => Meanings.Failure | Meanings.Refusal | Meanings.TimedOut | Meanings.Aborted | Meanings.Error | Meanings.Crashed | Meanings.RateLimited,
        Meanings.Error => Meanings.Error | Meanings.Failure | Meanings.Refusal,
        Meanings.Refusal => Meanings.Refusal | Meanings.Failure | Meanings.RateLimited | Meanings.Filtered,
        Meanings.Aborted => Meanings.Aborted | Meanings.TimedOut | Meanings.Truncated | Meanings.Crashed,
        Meanings.Size => Meanings.Size | Meanings.Limit | Meanings.More | Meanings.Less | Meanings.Slow | Meanings.Fast,
        Meanings.Limit => Meanings.Limit | Meanings.RateLimited,
        Meanings.Slow => Meanings.Slow | Meanings.TimedOut,
        Meanings.Changed => Meanings.Changed | Meanings.Unusual,
        Meanings.Unusual => Meanings.Changed | Meanings.Unusual,
        Meanings.Repeated => Meanings.Repeated | Meanings.Loop,
        Meanings.Loop => Meanings.Loop | Meanings.Repeated,
        Meanings.Old => Meanings.Old | Meanings.Expired,
        Meanings.Expired => Meanings.Expired | Meanings.Old,
        Meanings.Invalid => Meanings.Invalid | Meanings.Wrong,
        Meanings.Wrong => Meanings.Wrong | Meanings.Invalid,
        Meanings.Missing => Meanings.Missing | Meanings.Empty,
        Meanings.Truncated => Meanings.Truncated | Meanings.Aborted,
        Meanings.Access => Meanings.Access | Meanings.Refusal,
        Meanings.Unavailable => Meanings.Unavailable | Meanings.Missing,
        _ => meaning,
    };
}

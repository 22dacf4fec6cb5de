using System.Collections.Frozen;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Words that any sentence about a failure may use, as stems of five letters; they neither carry a claim nor speak against it.</summary>
internal static class ClaimWords
{
    public static FrozenSet<string> Ordinary { get; } = (
        "about after again also although among another any attempt because became been before began being between both but by call called "
        + "came cause caused could did does due during each early either else enough even ever every fail failed failure first follow followed for from "
        + "further had has have here hence however indicate into its itself just last later led less likely made make many may might more most must "
        + "near need never next none not now once one only other otherwise out over own per point possible rather reach reason result return returned "
        + "same second several should show since some still such take taken than that the their them then there therefore these they thing this those though "
        + "through thus time times together took under until upon use used using very wait waited was way were what when where whether which while who "
        + "whole why will with within without would yet agent model tool service step run task request response answer reply error errors exception problem issue "
        + "incident root effect impact symptom evidence trace span detector limit limited rate retry retried retries repeat repeated repeatedly loop looped "
        + "delay delayed late slow slower long longer wrong stale outdated old missing empty timeout timed exceed exceeded budget deadline input output "
        + "argument value data document content version fetch load send sent receive received start started stop stopped end ended finish finished complete "
        + "completed continue continued trust trusted ignore ignored reject rejected refuse refused reported happen happened occurred occur "
        + "add check validate verify monitor alert reduce increase lower raise backoff back off exponential jitter cache cached fallback circuit breaker queue "
        + "schedule guard detect handle honor honour respect header fresh freshness threshold cap maximum minimum number amount count consider ensure avoid "
        + "prevent review instead soon sooner quickly earlier directly upstream downstream external internal temporary temporarily unavailable available")
        .Split(' ').Select(word => word.Length > 5 ? word[..5] : word).ToFrozenSet(StringComparer.Ordinal);
}

using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>A place that may be where the cause lies, with all that speaks for it, the strongest first.</summary>
internal sealed record Candidate(string Place, double Score, IReadOnlyList<Finding> Findings)
{
    public Finding Strongest => Findings[0];

    /// <summary>What was found at other steps and is explained by this.</summary>
    public IReadOnlyList<Finding> Symptoms { get; init; } = [];
}

/// <summary>
/// Turns findings into an order of places, and the order into a confidence. One set of constants for every kind of system.
/// </summary>
internal static class Ranking
{
    /// <summary>Below this the verdict is inconclusive.</summary>
    public const double Floor = 0.5;

    private const double ConfidenceScale = 1.2;
    private const double MostConfidence = 0.97;

    // A rival half as likely takes as much as a quarter of the score away.
    private const double WeightOfRival = 0.5;

    // Statistics of few calls are weak: six calls carry half of the confidence.
    private const double CallsForHalf = 6;

    private const double PerRival = 0.06;
    private const string StepPlace = "step:";

    // Different detectors that point at one place support each other a little; what counts is the strongest.
    private const double WeightOfSupport = 0.1;

    public static IReadOnlyList<Candidate> Of(IEnumerable<Finding> findings) => Sources([.. Places(findings)]);

    // What is found at a step that only shows the consequences of another is no cause of its own: it supports the other.
    private static List<Candidate> Sources(IReadOnlyList<Candidate> ranked)
    {
        List<Candidate> sources = [];
        foreach (var candidate in ranked)
        {
            var source = sources.FindIndex(other => other.Strongest.Explains.Count > 0 && candidate.Findings.All(finding => Explains(other, finding)));
            if (source < 0)
            {
                sources.Add(candidate);
            }
            else
            {
                sources[source] = sources[source] with { Symptoms = [.. sources[source].Symptoms, .. candidate.Findings] };
            }
        }

        return sources;
    }

    private static bool Explains(Candidate source, Finding finding) =>
        finding.Place.StartsWith(StepPlace, StringComparison.Ordinal) && source.Findings.Any(own => own.Explains.Contains(finding.Place[StepPlace.Length..]));

    private static IEnumerable<Candidate> Places(IEnumerable<Finding> findings) =>
    [
        .. findings.GroupBy(finding => finding.Place, StringComparer.Ordinal)
            .Select(place => Make(place.Key, [.. place]))
            .OrderByDescending(candidate => candidate.Score)
            .ThenBy(candidate => candidate.Strongest.AtNs)
            .ThenBy(candidate => candidate.Place, StringComparer.Ordinal),
    ];

    public static double Confidence(IReadOnlyList<Candidate> ranked)
    {
        if (ranked.Count == 0)
        {
            return 0;
        }

        if (ranked[0].Strongest.Proof is { } proof)
        {
            // A rival of the same kind of proof takes some away; hints take nothing.
            var others = ranked.Skip(1).Count(other => other.Strongest.Proof is { } known && known != Proof.Hint && known <= proof);
            return Math.Round(Math.Max(ProofConfidence.Of(proof) - (PerRival * Math.Min(others, 3)), proof == Proof.Hint ? 0 : Floor), 3);
        }

        var rival = ranked.Count > 1 ? ranked[1].Score : 0;
        var clear = Math.Max(0, ranked[0].Score - (WeightOfRival * rival));
        var sample = ranked[0].Strongest.Sample is { } calls ? calls / (calls + CallsForHalf) : 1;
        return Math.Round(Math.Min(MostConfidence, (1 - Math.Exp(-clear / ConfidenceScale)) * sample), 3);
    }

    private static Candidate Make(string place, List<Finding> findings)
    {
        var ordered = findings.OrderByDescending(finding => finding.Strength).ThenBy(finding => finding.AtNs)
            .ThenBy(finding => finding.Cause, StringComparer.Ordinal).ToList();
        var support = ordered.GroupBy(finding => finding.Kind).Select(kind => kind.First().Strength).Order().SkipLast(1).Sum();
        return new Candidate(place, Math.Round(ordered[0].Strength + (WeightOfSupport * support), 4), ordered);
    }
}

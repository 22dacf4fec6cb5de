using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Evals.Scoring;

/// <summary>Sums answers up.</summary>
internal static class Scores
{
    public static IEnumerable<Row> Of(string dataset, string method, IReadOnlyList<Answer> answers)
    {
        foreach (var system in answers.GroupBy(answer => answer.System))
        {
            yield return Of(dataset, system.Key, null, method, [.. system]);
            foreach (var type in system.GroupBy(answer => answer.FaultType).Where(type => type.Key.Length > 0).OrderBy(type => type.Key, StringComparer.Ordinal))
            {
                yield return Of(dataset, system.Key, type.Key, method, [.. type]);
            }
        }
    }

    /// <summary>The 95 % interval of a share (Wilson, JASA 1927).</summary>
    public static (double Low, double High) Wilson(int hits, int n)
    {
        const double z = 1.959964;
        var share = (double)hits / n;
        var scale = 1 + (z * z / n);
        var half = z * Math.Sqrt((share * (1 - share) / n) + (z * z / (4.0 * n * n)));
        return ((share + (z * z / (2 * n)) - half) / scale, (share + (z * z / (2 * n)) + half) / scale);
    }

    private static Row Of(string dataset, string system, string? type, string method, List<Answer> answers)
    {
        var hits = answers.Count(answer => answer.Rank == 1);
        var (low, high) = Wilson(hits, answers.Count);
        var reports = answers.Where(answer => answer.Report is not null).ToList();
        var row = new Row
        {
            Dataset = dataset,
            System = system,
            FaultType = type,
            Method = method,
            N = answers.Count,
            As1 = Share(answers, answer => answer.Rank <= 1),
            As1Low = Math.Round(low, 4),
            As1High = Math.Round(high, 4),
            As3 = Share(answers, answer => answer.Rank <= 3),
            As5 = Share(answers, answer => answer.Rank <= 5),
            Step = answers.Exists(answer => answer.StepRight is not null) ? Share(answers, answer => answer.StepRight == true) : null,
        };
        return reports.Count == 0 ? row : row with
        {
            Inconclusive = Share(reports, answer => answer.Report!.Verdict == RcaVerdict.Inconclusive),
            ConfidentlyWrong = reports.Count(answer => answer.Report!.Confidence >= 0.8 && answer.Rank != 1),
            GroundedClaims = Math.Round(reports.Average(answer => answer.Report!.GroundedClaimRate ?? 1), 4),
            CalibrationError = Math.Round(Calibration(reports), 4),
            SecondsMean = Math.Round(reports.Average(answer => answer.Seconds), 3),
            SecondsMax = Math.Round(reports.Max(answer => answer.Seconds), 3),
            PeakMemoryMib = Math.Round(reports.Max(answer => answer.PeakMib), 1),
        };
    }

    private static double Share(List<Answer> answers, Func<Answer, bool> counts) => Math.Round((double)answers.Count(counts) / answers.Count, 4);

    private static double Calibration(List<Answer> answers) =>
        answers.GroupBy(answer => Math.Min(9, (int)(answer.Report!.Confidence * 10)))
            .Sum(bin => Math.Abs(bin.Sum(answer => answer.Report!.Confidence) - bin.Count(answer => answer.Rank == 1))) / answers.Count;
}

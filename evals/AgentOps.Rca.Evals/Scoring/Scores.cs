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

    /// <summary>The row of cases without a fault: every verdict is a false alarm.</summary>
    public static IEnumerable<Row> Alarms(string dataset, string system, string method, IReadOnlyList<Answer> answers)
    {
        if (answers.Count > 0)
        {
            yield return new Row
            {
                Dataset = dataset,
                System = system,
                Method = method,
                N = answers.Count,
                Inconclusive = Share([.. answers], answer => answer.Report!.Verdict == RcaVerdict.Inconclusive),
                Hints = Share([.. answers], answer => answer.Report!.Hypotheses.Count > 0),
                FalseAlarms = answers.Count(answer => answer.Report!.Verdict == RcaVerdict.Identified),
                SecondsMean = Math.Round(answers.Average(answer => answer.Seconds), 3),
                SecondsMax = Math.Round(answers.Max(answer => answer.Seconds), 3),
                PeakMemoryMib = Math.Round(answers.Max(answer => answer.PeakMib), 1),
            };
        }
    }

    /// <summary>The 95 % interval of a share (Wilson, JASA 1927).</summary>
    public static (double Low, double High) Wilson(int hits, int n)
    {
        const double z = 1.959964;
        var share = (double)hits / n;
        var scale = 1 + (z * z / n);
        var half = z * Math.Sqrt((share * (1 - share) / n) + (z * z / (4.0 * n * n)));
        return (Math.Max(0, (share + (z * z / (2 * n)) - half) / scale), Math.Min(1, (share + (z * z / (2 * n)) + half) / scale));
    }

    private static Row Of(string dataset, string system, string? type, string method, List<Answer> answers)
    {
        var (low1, high1) = Interval(answers, answer => answer.IsRight);
        var (low3, high3) = Interval(answers, answer => answer.Rank <= 3);
        var (low5, high5) = Interval(answers, answer => answer.Rank <= 5);
        var steps = answers.FindAll(answer => answer.StepRight is not null);
        var (lowStep, highStep) = steps.Count == 0 ? ((double?)null, (double?)null) : Interval(steps, answer => answer.StepRight == true);
        var reports = answers.Where(answer => answer.Report is not null).ToList();
        var row = new Row
        {
            Dataset = dataset,
            System = system,
            FaultType = type,
            Method = method,
            N = answers.Count,
            As1 = Share(answers, answer => answer.IsRight),
            As1Low = low1,
            As1High = high1,
            As3 = Share(answers, answer => answer.Rank <= 3),
            As3Low = low3,
            As3High = high3,
            As5 = Share(answers, answer => answer.Rank <= 5),
            As5Low = low5,
            As5High = high5,
            Step = steps.Count == 0 ? null : Share(steps, answer => answer.StepRight == true),
            StepLow = lowStep,
            StepHigh = highStep,
            Within1 = Within(answers, 1),
            Within3 = Within(answers, 3),
        };
        return reports.Count == 0 ? row : row with
        {
            Inconclusive = Share(reports, answer => answer.Report!.Verdict == RcaVerdict.Inconclusive),
            Hints = Share(reports, answer => answer.Report!.Hypotheses.Count > 0),
            ConfidentlyWrong = reports.Count(answer => answer.Report!.Confidence >= 0.8 && answer.Rank != 1),
            GroundedClaims = reports.Exists(answer => answer.Report!.GroundedClaimRate is not null)
                ? Math.Round(reports.Average(answer => answer.Report!.GroundedClaimRate)!.Value, 4) : null,
            CalibrationError = Math.Round(Calibration(reports), 4),
            SecondsMean = Math.Round(reports.Average(answer => answer.Seconds), 3),
            SecondsMax = Math.Round(reports.Max(answer => answer.Seconds), 3),
            PeakMemoryMib = Math.Round(reports.Max(answer => answer.PeakMib), 1),
        };
    }

    private static (double? Low, double? High) Interval(List<Answer> answers, Func<Answer, bool> counts)
    {
        var (low, high) = Wilson(answers.Count(counts), answers.Count);
        return (Math.Round(low, 4), Math.Round(high, 4));
    }

    private static double? Within(List<Answer> answers, int steps) =>
        answers.Exists(answer => answer.StepsOff is not null) ? Share(answers, answer => answer.StepsOff <= steps) : null;

    private static double Share(List<Answer> answers, Func<Answer, bool> counts) => Math.Round((double)answers.Count(counts) / answers.Count, 4);

    private static double Calibration(List<Answer> answers) =>
        answers.GroupBy(answer => Math.Min(9, (int)(answer.Report!.Confidence * 10)))
            .Sum(bin => Math.Abs(bin.Sum(answer => answer.Report!.Confidence) - bin.Count(answer => answer.IsRight))) / answers.Count;
}

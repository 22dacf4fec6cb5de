using System.Globalization;

namespace AgentOps.Rca.Evals.Scoring;

/// <summary>Prints rows for people.</summary>
internal static class Table
{
    public static void Print(IReadOnlyList<Row> rows, TextWriter output)
    {
        string[] header = ["dataset", "system", "fault type", "method", "n", "AS@1", "95 %", "AS@3", "95 %", "AS@5", "95 %", "step", "±1", "±3", "incl.", "hints", "conf. wrong", "grounded", "calib.", "s mean/max", "MiB", "alarms"];
        List<string[]> lines = [header, .. rows.Select(Line)];
        var widths = Enumerable.Range(0, header.Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static string[] Line(Row row) =>
    [
        row.Dataset, row.System, row.FaultType ?? "all", row.Method, Text(row.N), Percent(row.As1),
        Interval(row.As1Low, row.As1High), Percent(row.As3), Interval(row.As3Low, row.As3High), Percent(row.As5), Interval(row.As5Low, row.As5High),
        Percent(row.Step), Percent(row.Within1), Percent(row.Within3), Percent(row.Inconclusive), Percent(row.Hints), Text(row.ConfidentlyWrong), Percent(row.GroundedClaims),
        Text(row.CalibrationError), row.SecondsMean is null ? "–" : $"{Text(row.SecondsMean)}/{Text(row.SecondsMax)}", Text(row.PeakMemoryMib), Text(row.FalseAlarms),
    ];

    private static string Percent(double? share) => share is { } known ? (known * 100).ToString("0.0", CultureInfo.InvariantCulture) : "–";

    private static string Interval(double? low, double? high) => low is null ? "–" : $"{Percent(low)}–{Percent(high)}";

    private static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "–";
}

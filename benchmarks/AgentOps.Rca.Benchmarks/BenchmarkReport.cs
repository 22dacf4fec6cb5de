using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AgentOps.Rca.Benchmarks;

/// <summary>The figures of a run, with machine, date and command.</summary>
internal sealed class BenchmarkReport(string[] args)
{
    private readonly List<(string What, string Figure, string Aim)> _rows = [];

    public void Add(string what, string figure, string aim = "")
    {
        _rows.Add((what, figure, aim));
        Console.WriteLine($"{what}: {figure}{(aim.Length > 0 ? $" (aim: {aim})" : "")}");
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder("# Benchmarks\n\n");
        text.Append(CultureInfo.InvariantCulture, $"- Machine: {Processor()}, {Environment.ProcessorCount} processors, ");
        text.Append(CultureInfo.InvariantCulture, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}, ");
        text.Append(CultureInfo.InvariantCulture, $"{RuntimeInformation.FrameworkDescription}\n");
        text.Append(CultureInfo.InvariantCulture, $"- Date: {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC\n");
        text.Append("- Command: `dotnet run -c Release --project benchmarks/AgentOps.Rca.Benchmarks");
        text.Append(args.Length > 0 ? $" -- {string.Join(' ', args)}`\n\n" : "`\n\n");
        text.Append("| what | figure | aim |\n| --- | --- | --- |\n");
        foreach (var (what, figure, aim) in _rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {what} | {figure} | {aim} |\n");
        }

        return text.ToString();
    }

    private static string Processor() =>
        File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor"
            : RuntimeInformation.ProcessArchitecture.ToString();
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AgentOps.Rca.Benchmarks;

/// <summary>The figures of a run, with machine, date and command.</summary>
/// <param name="args">What the command was given.</param>
/// <param name="isShort">Whether it is the short form: fewer rows and rounds, for a look at every change.</param>
internal sealed class BenchmarkReport(string[] args, bool isShort = false)
{
    private readonly List<(string What, string Figure, string Aim)> _rows = [];
    private readonly List<string> _falls = [];

    /// <summary>Whether it is the short form.</summary>
    public bool IsShort => isShort;

    /// <summary>What is measured by ratios of this short form that are worse than those recorded by a factor of two.</summary>
    public IReadOnlyList<string> Falls => _falls;

    /// <summary>The size in this form.</summary>
    public int Of(int full, int shortened) => isShort ? shortened : full;

    public void Add(string what, string figure, string aim = "")
    {
        _rows.Add((what, figure, aim));
        Console.WriteLine($"{what}: {figure}{(aim.Length > 0 ? $" (aim: {aim})" : "")}");
    }

    /// <summary>A ratio that is good when it is high.</summary>
    /// <param name="what">What is measured.</param>
    /// <param name="ratio">The ratio.</param>
    /// <param name="aim">What it should reach.</param>
    /// <param name="recorded">What the short form gave on a quiet machine when this was written; half of it is a fall.</param>
    public void AddAtLeast(string what, double ratio, double aim, double recorded) => Add(what, ratio, "at least", aim, recorded, ratio * 2 < recorded);

    /// <summary>A ratio that is good when it is low.</summary>
    /// <param name="what">What is measured.</param>
    /// <param name="ratio">The ratio.</param>
    /// <param name="aim">What it should not pass.</param>
    /// <param name="recorded">What the short form gave on a quiet machine when this was written; twice as much is a fall.</param>
    public void AddAtMost(string what, double ratio, double aim, double recorded) => Add(what, ratio, "at most", aim, recorded, ratio > recorded * 2);

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

    private void Add(string what, double ratio, string side, double aim, double recorded, bool isFall)
    {
        Add(what, Text($"{ratio:F2}"), isShort ? Text($"{side} {aim}; recorded: {recorded:F2}") : Text($"{side} {aim}"));
        if (isShort && isFall)
        {
            _falls.Add(what);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Processor() =>
        File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor"
            : RuntimeInformation.ProcessArchitecture.ToString();
}

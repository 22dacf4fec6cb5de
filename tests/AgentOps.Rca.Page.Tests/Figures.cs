using System.Collections.Concurrent;
using System.Globalization;

namespace AgentOps.Rca.Page.Tests;

/// <summary>What was measured: to the output of the test, and to the file of docs/results that AGENTOPS_PAGE_FIGURES names.</summary>
internal static class Figures
{
    private static readonly ConcurrentDictionary<string, string> Told = new(StringComparer.Ordinal);

    /// <summary>Whether the full numbers are asked for.</summary>
    public static bool IsFull => Environment.GetEnvironmentVariable("AGENTOPS_FULL") == "1";

    /// <summary>Notes a figure.</summary>
    public static void Note(string what, FormattableString value, string aim)
    {
        var line = $"| {what} | {value.ToString(CultureInfo.InvariantCulture)} | {aim} |";
        Told[what] = line;
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("AGENTOPS_PAGE_FIGURES") is { Length: > 0 } file)
        {
            lock (Told)
            {
                File.WriteAllLines(file, Told.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));
            }
        }
    }
}

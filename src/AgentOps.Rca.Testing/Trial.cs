using System.Globalization;

namespace AgentOps.Rca.Testing;

/// <summary>
/// A long trial: fault cycles, tampering, fuzzing, soaks. It has a short form for every run and its full numbers for
/// <c>./test.sh --full</c>, and reports what it counted in a line of its own.
/// </summary>
public static class Trial
{
    private static readonly Lock Writing = new();

    /// <summary>Whether the full numbers are asked for.</summary>
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("AGENTOPS_FULL") == "1";

    /// <summary>The number to use in this run.</summary>
    /// <param name="shortForm">In every run.</param>
    /// <param name="full">With <c>--full</c>.</param>
    public static int Size(int shortForm, int full) => IsFull ? full : shortForm;

    /// <summary>Reports what a trial counted: printed by <c>./test.sh</c>, and kept under <c>docs/results</c> by <c>--full</c>.</summary>
    /// <param name="name">What was tried.</param>
    /// <param name="result">What came of it, with its numbers.</param>
    public static void Report(string name, FormattableString result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var line = $"| {name} | {result.ToString(CultureInfo.InvariantCulture)} |";
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("AGENTOPS_TRIALS") is { Length: > 0 } file)
        {
            // Test projects run one after the other, the tests of one of them beside each other.
            lock (Writing)
            {
                File.AppendAllText(file, line + "\n");
            }
        }
    }
}

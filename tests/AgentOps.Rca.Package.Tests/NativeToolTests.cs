using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AgentOps.Rca.Package.Tests;

/// <summary>The tool as one native executable, as eng/release.sh builds it: no warning of the compiler, and quick. With <c>./test.sh --full</c> only, since it takes minutes.</summary>
public sealed class NativeToolTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Tool => _directory["agentops-rca/agentops-rca"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task It_is_built_without_a_warning_starts_at_once_and_reads_ten_megabytes_in_two_seconds()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AGENTOPS_FULL") == "1", "It is built with AGENTOPS_FULL=1.");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is one of Bash.");
        var printed = await Repository.RunAsync(Repository.Root, "eng/release.sh", "native", _directory.Path);
        Assert.DoesNotContain("warning", printed, StringComparison.OrdinalIgnoreCase);
        await Repository.RunAsync(_directory.Path, "tar", "-xzf", printed.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);

        var small = _directory["small.jsonl"];
        var large = _directory["large.jsonl"];
        await File.WriteAllTextAsync(small, Session(2_000), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(large, Session(10 * 1024 * 1024), TestContext.Current.CancellationToken);
        Assert.Contains("serve", await Repository.RunAsync(_directory.Path, Tool, "--help"), StringComparison.Ordinal);
        Assert.Contains("tool.call/Bash", await Repository.RunAsync(_directory.Path, Tool, "analyze", small), StringComparison.Ordinal);
        foreach (var (bound, arguments) in new (TimeSpan, string[])[]
        {
            (TimeSpan.FromMilliseconds(100), ["--version"]), (TimeSpan.FromMilliseconds(100), ["--help"]), (TimeSpan.FromMilliseconds(100), ["analyze", small]),
            (TimeSpan.FromSeconds(2), ["analyze", large]),
        })
        {
            // The machine may be busy with something else once; the program is not slower than its best.
            List<TimeSpan> times = [];
            for (var i = 0; i < 5; i++)
            {
                var clock = Stopwatch.StartNew();
                await Repository.RunAsync(_directory.Path, Tool, arguments);
                times.Add(clock.Elapsed);
            }

            Assert.True(times.Min() <= bound, $"{arguments[0]}: {string.Join(", ", times)}");
        }
    }

    // A session of Claude Code of this many characters: calls of one tool, of which one in a thousand fails.
    private static string Session(int length)
    {
        var text = new StringBuilder();
        var time = new DateTime(2026, 1, 2, 3, 0, 0, DateTimeKind.Utc);
        Line("user", null, 0, """{"role":"user","content":"Mend the build."}""");
        for (var i = 1; text.Length < length; i++)
        {
            var failed = i % 1_000 == 3;
            Line("assistant", "", (2 * i) - 1, $$"""{"id":"m{{i}}","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t{{i}}","name":"Bash","input":{"command":"make part-{{i}}"} }],"stop_reason":"tool_use","usage":{"input_tokens":10,"output_tokens":20} }""");
            var result = failed ? "make: *** [part] Error 2" : string.Concat(Enumerable.Repeat("compiled one more file of the library; ", 1 + (i * 7 % 90)));
            Line("user", "", 2 * i, $$"""{"role":"user","content":[{"type":"tool_result","tool_use_id":"t{{i}}","content":"{{result}}","is_error":{{(failed ? "true" : "false")}}}]}""");
        }

        return text.ToString();

        void Line(string type, string? parent, int number, string message) => text.AppendLine(
            CultureInfo.InvariantCulture,
            $$"""{"type":"{{type}}","sessionId":"s","uuid":"u{{number}}","parentUuid":{{(parent is null ? "null" : $"\"u{number - 1}\"")}},"isSidechain":false,"version":"2.0.1","timestamp":"{{time.AddSeconds(number):yyyy-MM-dd'T'HH:mm:ss}}.000Z","message":{{message}}}""");
    }
}

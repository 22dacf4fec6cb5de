using System.Text.Json;

namespace AgentOps.Rca.Tool.Tests;

public sealed class AnalyzeCommandTests(PackedTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_failed_run_gets_its_cause_with_the_line_of_the_file_and_what_to_do()
    {
        var run = await tool.RunAsync(_directory.Path, null, "analyze", File("run.jsonl", Sessions.Failing));
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("claude-code", run.Output, StringComparison.Ordinal);
        Assert.Contains("Cause, ", run.Output, StringComparison.Ordinal);
        Assert.Contains("refund", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"E1 checked, run\.jsonl line \d", run.Output);
        Assert.Contains("What to do", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Output);
        Assert.Equal("", run.Errors);
        Assert.Equal(["run.jsonl"], Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_good_run_is_not_called_sick_and_the_exit_code_says_what_was_asked_for()
    {
        var (good, bad) = (File("good.jsonl", Sessions.Good), File("bad.jsonl", Sessions.Failing));
        var fine = await tool.RunAsync(_directory.Path, null, "analyze", good, "--fail-on", "identified");
        Assert.True(fine.ExitCode == 0, fine.Output + fine.Errors);
        Assert.Contains("No cause was found.", fine.Output, StringComparison.Ordinal);
        var failing = await tool.RunAsync(_directory.Path, null, "analyze", good, bad, "--reference", File("other.jsonl", Sessions.Good.Replace("s2", "s3", StringComparison.Ordinal)), "--fail-on", "identified");
        Assert.True(failing.ExitCode == 1, failing.Output + failing.Errors);
    }

    [Fact]
    public async Task Machines_get_the_report_and_the_places_and_code_hosts_get_SARIF()
    {
        var name = File("run.jsonl", Sessions.Failing);
        var json = await tool.RunAsync(_directory.Path, null, "analyze", name, "--json");
        var file = Assert.Single(JsonElement.Parse(json.Output).GetProperty("files").EnumerateArray());
        Assert.Equal(["file", "format", "incident_id", "spans", "runs", "left_out", "places", "report_digest", "report"], file.EnumerateObject().Select(member => member.Name));
        Assert.Equal("identified", file.GetProperty("report").GetProperty("verdict").GetString());
        Assert.InRange(file.GetProperty("places").GetProperty("E1").GetProperty("line").GetInt32(), 1, 4);

        var sarif = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", name, "--sarif")).Output);
        var result = Assert.Single(sarif.GetProperty("runs")[0].GetProperty("results").EnumerateArray());
        Assert.Equal("2.1.0", sarif.GetProperty("version").GetString());
        Assert.Equal("run.jsonl", result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(result.GetProperty("ruleId").GetString(), sarif.GetProperty("runs")[0].GetProperty("tool").GetProperty("driver").GetProperty("rules")[0].GetProperty("id").GetString());

        var markdown = await tool.RunAsync(_directory.Path, null, "analyze", name, "--markdown");
        Assert.StartsWith("# Post-mortem", markdown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_standard_input_is_a_file_and_the_same_one_gives_the_same_report()
    {
        var piped = JsonElement.Parse((await tool.RunAsync(_directory.Path, Sessions.Failing, "analyze", "-", "--json")).Output).GetProperty("files")[0];
        var read = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", File("a.jsonl", Sessions.Failing), "--json")).Output).GetProperty("files")[0];
        Assert.Equal(read.GetProperty("incident_id").GetString(), piped.GetProperty("incident_id").GetString());
        Assert.Equal(read.GetProperty("report").GetProperty("root_cause").GetString(), piped.GetProperty("report").GetProperty("root_cause").GetString());
    }

    [Fact]
    public async Task What_cannot_be_done_ends_with_2_and_a_sentence()
    {
        var text = File("notes.txt", "These are notes.");
        foreach (var arguments in new string[][]
        {
            [], ["analyse"], ["analyze"], ["analyze", "nowhere.jsonl"], ["analyze", "."], ["analyze", text], ["analyze", text, "--json", "--sarif"], ["analyze", text, "--fail-on", "sometimes"],
            ["analyze", File("run.jsonl", Sessions.Failing), "--engine", "none"], ["analyze", "run.jsonl", "--engine", "llm"], ["import", "run.jsonl", "--to", "Host="], ["analyze", "run.jsonl", "--reference", "run.jsonl"], ["analyze", "-", "-"], ["serve", "--port", "70000"], ["verify", text],
            ["verify", text, "--key", text], ["replay", text], ["import", text], ["import", text, "--to", "http://127.0.0.1:1"], ["diff", text],
        })
        {
            var run = await tool.RunAsync(_directory.Path, "", arguments);
            Assert.True(run is { ExitCode: 2, Output: "", Errors.Length: > 10 }, $"{string.Join(' ', arguments)}: {run}");
            Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_runs_are_held_against_each_other()
    {
        var (good, bad) = (File("good.jsonl", Sessions.Good), File("bad.jsonl", Sessions.Failing));
        var different = await tool.RunAsync(_directory.Path, null, "diff", good, bad);
        Assert.True(different.ExitCode == 1, different.Output + different.Errors);
        Assert.Contains("They first part here:", different.Output, StringComparison.Ordinal);
        Assert.Matches(@"~ tool\.call/\S*refund.*good\.jsonl line \d.*bad\.jsonl line \d", different.Output);
        var same = await tool.RunAsync(_directory.Path, null, "diff", good, File("copy.jsonl", Sessions.Good));
        Assert.True(same.ExitCode == 0, same.Output + same.Errors);
        Assert.True(JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "diff", good, bad, "--json")).Output).TryGetProperty("first_divergence", out _));
    }

    private string File(string name, string content)
    {
        System.IO.File.WriteAllText(_directory[name], content);
        return name;
    }
}

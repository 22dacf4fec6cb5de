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
    public async Task Each_run_of_a_file_is_judged_by_itself_and_those_with_a_cause_come_first()
    {
        var name = File("runs.jsonl", string.Join('\n', Enumerable.Range(0, 5).Select(static number => Conversation(number, fails: number is 1 or 3))));
        var run = await tool.RunAsync(_directory.Path, null, "analyze", name);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("5 runs", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?s)Run 2 \(line 2\): cause, .*Run 4 \(line 4\): cause, .*No cause was found in 3 of 5 runs\.", run.Output);
        Assert.Equal(2, run.Output.Split("failed twice with an error").Length - 1);
        Assert.DoesNotContain("failed 4 times", run.Output, StringComparison.Ordinal);

        var json = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", name, "--json")).Output).GetProperty("files").EnumerateArray().ToList();
        Assert.Equal([1, 2, 3, 4, 5], json.Select(static one => one.GetProperty("run_number").GetInt32()));
        Assert.Equal([false, true, false, true, false], json.Select(static one => one.GetProperty("report").GetProperty("verdict").GetString() == "identified"));
        var sarif = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", name, "--sarif")).Output);
        Assert.Equal(2, sarif.GetProperty("runs")[0].GetProperty("results").GetArrayLength());

        var alone = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", File("one.jsonl", Conversation(3, fails: true)), "--json")).Output).GetProperty("files")[0];
        Assert.Equal(alone.GetProperty("report").GetProperty("root_cause").GetString(), json[3].GetProperty("report").GetProperty("root_cause").GetString());
        Assert.Equal(alone.GetProperty("incident_id").GetString(), json[3].GetProperty("incident_id").GetString());

        var together = await tool.RunAsync(_directory.Path, null, "analyze", "--together", name);
        Assert.Equal((0, true), (together.ExitCode, !together.Output.Contains("Run 2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_said_of_a_run_names_its_file_and_nothing_that_nobody_reported()
    {
        var (good, bad) = (File("good.jsonl", Sessions.Good), File("bad.jsonl", Sessions.Failing));
        var runs = File("runs.jsonl", string.Join('\n', Enumerable.Range(0, 2).Select(static number => Conversation(number, fails: false))));
        var people = (await tool.RunAsync(_directory.Path, null, "analyze", good, bad, runs)).Output;
        Assert.Contains("is that of good.jsonl (claude-code). Nothing is recorded as failed", people, StringComparison.Ordinal);
        Assert.Contains("is that of runs.jsonl (messages). Nothing", people, StringComparison.Ordinal);
        var markdown = (await tool.RunAsync(_directory.Path, null, "analyze", bad, "--markdown")).Output;
        Assert.StartsWith("# Post-mortem: run of bad.jsonl (claude-code)\n", markdown, StringComparison.Ordinal);
        Assert.Contains(", read from the file 20", markdown, StringComparison.Ordinal);
        Assert.Contains("is that of bad.jsonl (claude-code).", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("imported", people + markdown, StringComparison.Ordinal);

        // The report itself stays as the engine wrote it.
        var json = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", good, "--json")).Output).GetProperty("files")[0];
        Assert.Contains("was read from a file.", json.GetProperty("report").GetProperty("summary").GetString(), StringComparison.Ordinal);
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
    public async Task One_of_several_files_that_cannot_be_read_costs_nothing_of_what_the_others_tell()
    {
        var (notes, name) = (File("notes.txt", "These are notes."), File("run.jsonl", Sessions.Failing));
        var people = await tool.RunAsync(_directory.Path, null, "analyze", "nowhere.jsonl", notes, name, "--fail-on", "identified");
        Assert.Equal(2, people.ExitCode);
        Assert.Contains("Too many refunds in a minute.", people.Output, StringComparison.Ordinal);
        Assert.Contains("There is no file nowhere.jsonl.", people.Errors, StringComparison.Ordinal);
        Assert.Contains("notes.txt is no trace of a known format.", people.Errors, StringComparison.Ordinal);

        var json = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", name, notes, "--json")).Output);
        Assert.Equal("run.jsonl", Assert.Single(json.GetProperty("files").EnumerateArray()).GetProperty("file").GetString());
        Assert.Equal("notes.txt", Assert.Single(json.GetProperty("not_read").EnumerateArray()).GetProperty("file").GetString());

        var sarif = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", name, notes, "--sarif")).Output).GetProperty("runs")[0];
        Assert.Single(sarif.GetProperty("results").EnumerateArray());
        var invocation = Assert.Single(sarif.GetProperty("invocations").EnumerateArray());
        Assert.False(invocation.GetProperty("executionSuccessful").GetBoolean());
        Assert.Contains("notes.txt", invocation.GetProperty("toolExecutionNotifications")[0].GetProperty("message").GetProperty("text").GetString(), StringComparison.Ordinal);

        // What it was to be compared with concerns each of them.
        Assert.True(await tool.RunAsync(_directory.Path, null, "analyze", name, name, "--reference", "nowhere.jsonl") is { ExitCode: 2, Output: "" });
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

    private static string Conversation(int number, bool fails)
    {
        var result = fails ? "{\\\"error\\\":\\\"carrier unavailable\\\"}" : "{\\\"status\\\":\\\"booked\\\"}";
        var calls = string.Concat(Enumerable.Range(0, 2).Select(call =>
            $$$"""{"role":"assistant","content":null,"tool_calls":[{"id":"c{{{number}}}{{{call}}}","type":"function","function":{"name":"book","arguments":"{\"order\":{{{number}}},\"try\":{{{call}}}}"}}]},{"role":"tool","tool_call_id":"c{{{number}}}{{{call}}}","content":"{{{result}}}"},"""));
        return $$"""{"messages":[{"role":"user","content":"Book a shipment for order {{number}}."},{{calls}}{"role":"assistant","content":"{{(fails ? "I could not book it." : "It is booked.")}}"}]}""";
    }

    private string File(string name, string content)
    {
        System.IO.File.WriteAllText(_directory[name], content);
        return name;
    }
}

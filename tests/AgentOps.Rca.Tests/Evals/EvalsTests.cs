using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Evals;
using AgentOps.Rca.Evals.Nezha;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Evals.WhoAndWhen;

namespace AgentOps.Rca.Tests.Evals;

public sealed class EvalsTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("agentops-rca-evals-");

    [Fact]
    public async Task A_fault_is_scored_beside_the_references_and_minutes_that_are_not_there_are_left_out()
    {
        WriteNezha();

        var rows = await NezhaEval.RunAsync(Options("nezha"));

        var all = rows.Single(row => row is { Method: "trace", FaultType: null });
        Assert.Equal(("nezha", "SH", 1, 1.0, 1.0, 1.0), (all.Dataset, all.System, all.N, all.As1, all.As3, all.As5));
        Assert.Equal(0, all.ConfidentlyWrong);
        Assert.NotNull(all.SecondsMax);
        Assert.Equal(["first error", "largest growth of inclusive duration", "random service (mean of 20 draws)", "trace"], rows.Select(row => row.Method).Distinct().Order());
        var json = JsonSerializer.SerializeToElement(rows, EvalsJsonContext.Default.ListRow)[0];
        foreach (var key in new[] { "dataset", "system", "fault_type", "method", "n", "as1", "as3", "as5" })
        {
            Assert.True(json.TryGetProperty(key, out _), key);
        }

        Assert.Equal(JsonValueKind.Null, json.GetProperty("fault_type").ValueKind);
    }

    [Fact]
    public async Task Halves_of_a_quiet_minute_raise_no_alarm_and_less_to_go_by_is_scored_way_by_way()
    {
        WriteNezha();

        var normal = Assert.Single(await NezhaEval.RunNormalAsync(Options("normal")));
        var robust = await NezhaRobustness.RunAsync(Options("robust"));

        Assert.Equal((2, 0), (normal.N, normal.FalseAlarms));
        Assert.Contains(robust, row => row.Method == "trace, no logs");
        Assert.Equal(1, robust.Single(row => row.Method == "trace, logs as OTLP records").As1);
        Assert.Contains(robust, row => row.Method == "trace, each minute alone");
        Assert.All(robust, row => Assert.Null(row.FaultType));
    }

    [Fact]
    public async Task A_failed_run_is_scored_by_agent_and_step()
    {
        var folder = _data.CreateSubdirectory("whoandwhen/algorithm-generated");
        Write(Path.Combine(folder.FullName, "1.json.gz"), """
            {"question":"How many?","ground_truth":"7","mistake_agent":"Analyst","mistake_step":"1","history":[
            {"name":"Planner","role":"assistant","content":"Please count the rows of the table, and tell me how many there are of them in all."},
            {"name":"Analyst","role":"assistant","content":"I assume that the table is complete.\n```python\nprint(1)\n```\nThis prints the number of rows that we need."},
            {"name":"Terminal","role":"user","content":"exitcode: 1 (execution failed)\nCode output: NameError: rows"}]}
            """);

        var row = (await WhoAndWhenEval.RunAsync(Options("whoandwhen"))).Single(row => row.Method == "trace");

        Assert.Equal((1, 1.0, 1.0, 1.0), (row.N, row.As1, row.Step, row.Inconclusive));
    }

    [Fact]
    public async Task A_folder_without_data_gives_no_rows()
    {
        Assert.Empty(await NezhaEval.RunAsync(Options("nezha")));
        Assert.Empty(await NezhaEval.RunNormalAsync(Options("normal")));
        Assert.Empty(await WhoAndWhenEval.RunAsync(Options("whoandwhen")));
    }

    [Theory]
    [InlineData("3", true)]
    [InlineData("0-9", true)]
    [InlineData("4-9", false)]
    [InlineData("OB-3", true)]
    [InlineData("OB", true)]
    [InlineData("TT", false)]
    [InlineData("TT,3", true)]
    public void Cases_are_chosen_by_number_range_name_or_system(string cases, bool wanted) =>
        Assert.Equal(wanted, Options("nezha", "--cases", cases).Wants("OB-3", 3));

    [Theory]
    [InlineData("'psychic' is not understood", "psychic")]
    [InlineData("--json needs a value", "nezha", "--json")]
    [InlineData("There is no engine 'psychic'; there are trace and llm", "--engine", "psychic")]
    [InlineData("is no address", "--engine", "llm", "--endpoint", "nowhere")]
    public void A_wrong_command_line_says_what_is_wrong(string words, params string[] arguments) =>
        Assert.Contains(words, EvalOptions.Read(["--data", _data.FullName, .. arguments]).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_folder_that_is_not_there_is_named() =>
        Assert.Contains("There is no folder '/nowhere/at/all'", EvalOptions.Read(["--data", "/nowhere/at/all"]).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(5, 10, 0.2366, 0.7634)]
    public void Intervals_are_those_of_Wilson(int hits, int n, double low, double high)
    {
        var (from, to) = Scores.Wilson(hits, n);

        Assert.Equal(low, from, 4);
        Assert.Equal(high, to, 4);
    }

    public void Dispose() => _data.Delete(recursive: true);

    private EvalOptions Options(string command, params string[] more) => EvalOptions.Read([command, "--data", _data.FullName, .. more]).Options!;

    // A shop that asks a stock service, which takes ten times as long in the minute with the fault; another fault has no files.
    private void WriteNezha()
    {
        var root = _data.CreateSubdirectory("nezha");
        File.WriteAllText(Path.Combine(root.FullName, "faults.json"), """
            [{"system":"SH","day":"2026-01-01","inject_time":"2026-01-01 10:00:00","windows":["10_00","10_01"],"service":"stock","pod":"stock-1-a","fault_type":"network_delay"},
             {"system":"SH","day":"2026-01-02","inject_time":"2026-01-02 10:00:00","windows":["10_00"],"service":"stock","pod":"stock-1-a","fault_type":"exception"}]
            """);
        WriteMinute("2026-01-01/trace/10_00", 400_000_000);
        WriteMinute("2026-01-01/normal/trace/09_00", 40_000_000);

        void WriteMinute(string name, long took)
        {
            var csv = new StringBuilder("TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration\n");
            for (var i = 0; i < 40; i++)
            {
                var at = 1_767_261_600_000_000_000 + (i * 1_000_000_000L);
                csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i:x2},a,root,front-1-a,GET,{at},{at + took + 2_000_000},1\n")
                    .Append(System.Globalization.CultureInfo.InvariantCulture, $"{i:x2},b,a,stock-1-a,get,{at + 1_000_000},{at + 1_000_000 + took + (i % 5 * 100_000)},1\n");
            }

            csv.Append("broken,row,root,front-1-a,GET,,x,1\n");
            Write(Path.Combine(root.FullName, "SH", name + "_trace.csv.gz"), csv.ToString());
        }
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = File.Create(path);
        using var zipped = new GZipStream(file, CompressionLevel.Fastest);
        zipped.Write(Encoding.UTF8.GetBytes(text));
    }
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Tool.Tests;

/// <summary><c>import --to</c> a PostgreSQL database and a SQLite file: once, twice, and interrupted.</summary>
public sealed partial class ImportIntoDatabasesTests(PackedTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_in_PostgreSQL_once_however_often_it_is_imported(bool isUri)
    {
        SupabaseServices.Current.Require();
        await using var database = await TestDatabase.CreateAsync();
        var target = isUri ? database.Direct : new Npgsql.NpgsqlConnectionStringBuilder(await ConnectionStringAsync(database)).ConnectionString;
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing, Token);

        await ImportTwiceAsync(target);
        Assert.Equal((4, 1), (await database.ReadAsync<long>("select count(*) from public.spans"), await database.ReadAsync<long>("select count(*) from public.incidents")));
        var checkedUp = await tool.RunAsync(_directory.Path, null, "doctor", target);
        Assert.True(checkedUp.ExitCode == 0, checkedUp.Output + checkedUp.Errors);
    }

    [Fact]
    public async Task A_PostgreSQL_that_cannot_be_reached_is_told_in_a_sentence()
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing, Token);
        var run = await tool.RunAsync(_directory.Path, null, "import", "run.jsonl", "--to", "postgresql://nobody:secret-word@127.0.0.1:1/none");
        Assert.True(run is { ExitCode: 2, Output: "" }, $"{run}");
        Assert.DoesNotContain("secret-word", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_file_is_in_a_SQLite_file_once_and_an_interrupted_import_is_completed()
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing, Token);
        await ImportTwiceAsync("rca.db");

        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGINT.");
        const int calls = 60_000;
        await File.WriteAllTextAsync(_directory["run.jsonl"], Long(calls), Token);
        using var process = await tool.StartAsync(_directory.Path, "import", "run.jsonl", "--to", "long.db");
        while (!process.HasExited && await CountAsync("select count(*) from spans") < 2_000)
        {
            await Task.Delay(20, Token);
        }

        using var kill = System.Diagnostics.Process.Start("kill", ["-INT", $"{process.Id}"]);
        var run = await ToolRun.OfAsync(process);
        Assert.True(run is { ExitCode: 130, Output: "" }, $"{run}");
        var told = long.Parse(Interrupted().Match(run.Errors).Groups[1].Value, CultureInfo.InvariantCulture);
        var kept = await CountAsync("select count(*) from spans");
        Assert.InRange(told, 1, kept);
        Assert.InRange(kept, 2_000, (2 * calls) - 1);
        Assert.Equal(0, await CountAsync("select count(*) from incidents"));

        var again = await tool.RunAsync(_directory.Path, null, "import", "run.jsonl", "--to", "long.db");
        Assert.True(again.ExitCode == 0, again.Output + again.Errors);
        Assert.Contains($"{(2 * calls) + 1 - kept} spans are new, {kept} were there, 0 were refused", again.Output, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync("select count(*) from incidents"));
    }

    [Fact]
    public async Task A_large_file_is_analysed_out_of_a_temporary_file_that_goes_in_the_end()
    {
        var file = Long(90_000);
        Assert.InRange(file.Length, 33 * 1024 * 1024, 64 * 1024 * 1024);
        using var process = await tool.StartAsync(_directory.Path, "analyze", "-");
        var running = ToolRun.OfAsync(process);
        await process.StandardInput.WriteAsync(file.AsMemory(), Token);
        process.StandardInput.Close();
        var wasThere = false;
        while (!running.IsCompleted)
        {
            wasThere |= Directory.EnumerateFiles(_directory.Path, "rca.db", SearchOption.AllDirectories).Any();
            await Task.Delay(20, Token);
        }

        var run = await running;
        Assert.True(run is { ExitCode: 0, Errors: "" } && run.Output.Contains("180001 spans, 1 run", StringComparison.Ordinal), $"{run}");
        Assert.True(wasThere);
        Assert.Empty(Directory.EnumerateDirectories(_directory.Path, "agentops-rca-*"));
    }

    [GeneratedRegex("Interrupted. ([0-9]+) spans are in the database, and no incident; importing the file again completes it.")]
    private static partial Regex Interrupted();

    private static async Task<string> ConnectionStringAsync(TestDatabase database)
    {
        await using var connection = await database.OpenAsync();
        var uri = new Uri(database.Direct);
        var user = uri.UserInfo.Split(':');
        return $"Host={uri.Host};Port={uri.Port};Database={uri.AbsolutePath[1..]};Username={Uri.UnescapeDataString(user[0])};Password={(user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "")}";
    }

    // A session of calls with a model call each; the last call failed.
    private static string Long(int calls)
    {
        var text = new StringBuilder();
        var time = new DateTime(2026, 1, 2, 3, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < calls; i++)
        {
            var at = time.AddSeconds(i).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{{\"type\":\"assistant\",\"sessionId\":\"long\",\"uuid\":\"a{i}\",\"timestamp\":\"{at}\",\"message\":{{\"id\":\"m{i}\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[{{\"type\":\"tool_use\",\"id\":\"t{i}\",\"name\":\"Bash\",\"input\":{{\"command\":\"make part-{i}\"}}}}]}}}}\n");
            text.Append(CultureInfo.InvariantCulture, $"{{\"type\":\"user\",\"sessionId\":\"long\",\"uuid\":\"u{i}\",\"timestamp\":\"{at}\",\"message\":{{\"role\":\"user\",\"content\":[{{\"type\":\"tool_result\",\"tool_use_id\":\"t{i}\",\"content\":\"part {i}\",\"is_error\":{(i == calls - 1 ? "true" : "false")}}}]}}}}\n");
        }

        return text.ToString();
    }

    private async Task ImportTwiceAsync(string target)
    {
        var first = await tool.RunAsync(_directory.Path, null, "import", "run.jsonl", "--to", target);
        Assert.True(first.ExitCode == 0, first.Output + first.Errors);
        Assert.Contains("claude-code: 4 spans are new, 0 were there, 0 were refused; incident ", first.Output, StringComparison.Ordinal);
        Assert.Contains(" is new.", first.Output, StringComparison.Ordinal);
        var second = await tool.RunAsync(_directory.Path, Sessions.Failing, "import", "-", "--to", target);
        Assert.Contains("claude-code: 0 spans are new, 4 were there, 0 were refused; incident ", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" is new.", second.Output, StringComparison.Ordinal);
    }

    private async Task<long> CountAsync(string sql)
    {
        try
        {
            await using var connection = new SqliteConnection($"Data Source={_directory["long.db"]};Mode=ReadOnly;Pooling=False");
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            return (long)(await command.ExecuteScalarAsync(Token))!;
        }
        catch (SqliteException)
        {
            // It is not there yet.
            return 0;
        }
    }
}

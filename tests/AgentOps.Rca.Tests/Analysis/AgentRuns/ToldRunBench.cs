using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Tests.Importing;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>Writes short conversations and has them analysed.</summary>
public abstract class ToldRunBench : IAsyncDisposable
{
    private readonly ImportBench _bench = new();
    private int _calls;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _bench.DisposeAsync();
    }

    /// <summary>The words stand in the cause, which is found at this call, and all that it rests on is there.</summary>
    protected static void Says(RcaReport report, params string[] words)
    {
        Assert.All(words, word => Assert.Contains(word, report.RootCause ?? report.Summary, StringComparison.Ordinal));
        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.All(report.Evidence, static evidence => Assert.True(evidence.Checked, evidence.Text));
    }

    protected static void IsWell(RcaReport report) => Assert.True(report.Verdict == RcaVerdict.Inconclusive, report.RootCause);

    protected Task<RcaReport> AnalyzeAsync(params object[] messages) => AnalyzeFileAsync(new { messages });

    protected async Task<RcaReport> AnalyzeFileAsync(object file) => await _bench.AnalyzeAsync((await _bench.ImportAsync(JsonSerializer.Serialize(file))).IncidentId);

    protected static object System(string content) => new { role = "system", content };

    protected static object User(string content) => new { role = "user", content };

    protected static object Answer(string content) => new { role = "assistant", content };

    /// <summary>A call and what came back; each has an id of its own.</summary>
    protected object[] Call(string name, string arguments, string content)
    {
        var id = $"{name}{++_calls}";
        return
        [
            new { role = "assistant", tool_calls = new[] { new { id, type = "function", function = new { name, arguments } } } },
            new { role = "tool", tool_call_id = id, content },
        ];
    }
}

using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Spans;

public sealed class SpanForestLogsTests
{
    private const long Start = 1_767_225_600_000_000_000;

    private readonly List<Span> _spans = [];

    [Fact]
    public void A_log_record_is_an_event_of_its_call_and_no_call()
    {
        Call("t:a", null).Call("t:b", "t:a").Log("t:b", 5, "INFO", "second").Log("t:b", 3, "INFO", "first");

        var forest = Build();

        Assert.Equal(["t:a", "t:b"], forest.Nodes.Select(node => node.SpanId));
        Assert.Empty(forest.Find("t:b")!.Children);
        Assert.Equal(["INFO first", "INFO second"], forest.Find("t:b")!.Events.Select(pattern => pattern.Text));
        Assert.Equal(["t:b:3", "t:b:5"], forest.Find("t:b")!.Logs.Select(log => log.SpanId));
        Assert.Equal("t:b", forest.Find("t:b:3")!.Parent!.SpanId);
        Assert.Empty(forest.Anomalies);
    }

    [Theory]
    [InlineData("\"2026-01-01T00:00:00.000000004Z\"")]
    [InlineData("\"1767225600000000004\"")]
    [InlineData("1767225600000000004")]
    public void A_call_s_own_events_and_its_logs_stand_in_the_order_of_time(string time)
    {
        Call("t:a", null, $$"""{"events":[{"message":"without a time"},{"message":"own","time":{{time}}}]}""")
            .Log("t:a", 5, "INFO", "after").Log("t:a", 3, "INFO", "before").Log("t:a", 4, "INFO", "at once");

        Assert.Equal([" without a time", "INFO before", " own", "INFO at once", "INFO after"], Build().Nodes[0].Events.Select(pattern => pattern.Text));
    }

    [Fact]
    public void An_error_that_is_only_logged_makes_the_call_fail_and_is_cited_where_it_stands()
    {
        Call("t:a", null).Log("t:a", 2, "INFO", "fine").Log("t:a", 3, "ERROR", "disk full");

        var node = Build().Nodes[0];

        Assert.Equal("disk full", node.Failure!.Message);
        Assert.Equal(("t:a:3", "/attributes/events/0"), node.FailurePlace);
        Assert.Equal(("t:a:3", "/attributes/events"), node.PlaceOf("ERROR disk full"));
        Assert.True(node.Events[1].IsError);
    }

    [Fact]
    public void A_failure_of_the_call_itself_is_cited_there_and_gets_its_words_from_the_log()
    {
        Call("t:a", null, """{"otel.status_code":"ERROR","otel.status_description":"failed","http.response.status_code":503}""")
            .Log("t:a", 3, "ERROR", "the carrier is down");

        var node = Build().Nodes[0];

        Assert.Equal(("http 503", "the carrier is down", 503), (node.Failure!.Type, node.Failure.Message, node.Failure.HttpStatus));
        Assert.Equal("t:a", node.FailurePlace.SpanId);
    }

    [Fact]
    public void A_log_record_without_its_call_stands_by_itself_and_is_named()
    {
        Call("t:a", null).Log("t:gone", 3, "ERROR", "lost").Log(null, 4, "INFO", "of no call");

        var forest = Build();

        Assert.Equal(3, forest.Nodes.Count);
        Assert.Equal(new SpanAnomaly(SpanAnomalyKind.LogWithoutSpan, "t:gone:3"), Assert.Single(forest.Anomalies));
    }

    [Fact]
    public void What_only_bears_the_name_of_a_log_record_stays_a_call()
    {
        Call("t:a", null).Log("t:a", 3, "INFO", "has a call below").Call("t:c", "t:a:3").Log("t:a:3", 4, "INFO", "log of a log");

        var forest = Build();

        Assert.Equal(["t:a", "t:a:3", "t:a:3:4", "t:c"], forest.Nodes.Select(node => node.SpanId).Order(StringComparer.Ordinal));
        Assert.Equal("t:a:3", forest.Find("t:c")!.Parent!.SpanId);
        Assert.Empty(forest.Nodes.SelectMany(node => node.Logs));
    }

    [Fact]
    public void The_order_of_arrival_changes_nothing()
    {
        Call("t:a", null, """{"events":[{"message":"own","time":"2026-01-01T00:00:00.000000004Z"}]}""").Call("t:b", "t:a");
        for (var i = 0; i < 20; i++)
        {
            Log(i % 2 == 0 ? "t:a" : "t:b", i / 4, i % 7 == 0 ? "ERROR" : "INFO", $"line {(char)('a' + i)}");
        }

        var expected = Describe(Build());
        for (var seed = 0; seed < 20; seed++)
        {
            var spans = _spans.ToArray();
            new Random(seed).Shuffle(spans);
            Assert.Equal(expected, Describe(SpanForest.Build(spans)));
        }
    }

    private static List<string> Describe(SpanForest forest) =>
        [.. forest.Nodes.Select(node => $"{node.Index} {node} {node.Failure} {node.FailurePlace} {string.Join('|', node.Events.Select(pattern => pattern.Text))} {string.Join('|', node.Logs)}")];

    private SpanForestLogsTests Call(string id, string? parent, string attributes = "{}")
    {
        _spans.Add(new Span { SpanId = id, ParentId = parent, Tool = "shop/work", StartTs = Start, EndTs = Start + 10, Attributes = Samples.Json(attributes) });
        return this;
    }

    private SpanForestLogsTests Log(string? call, int at, string severity, string message)
    {
        _spans.Add(new Span
        {
            SpanId = $"{call ?? "t:"}:{at}{(_spans.Exists(span => span.SpanId == $"{call ?? "t:"}:{at}") ? "-" + message : "")}",
            ParentId = call,
            Tool = ToolNames.Log,
            StartTs = Start + at,
            EndTs = Start + at,
            Attributes = Samples.Json($$"""{"events":[{"name":"log","severity":"{{severity}}","message":"{{message}}"}]}"""),
        });
        return this;
    }

    private SpanForest Build() => SpanForest.Build(_spans);
}

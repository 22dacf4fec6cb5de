using System.Text.Json;
using AgentOps.Rca.Spans;
using CsCheck;

namespace AgentOps.Rca.Tests.Spans;

public sealed class EventTimeTests
{
    private static readonly string[] Times =
    [
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.999999999Z\"", "\"2262-04-11T23:47:16.854775807Z\"", "\"2262-04-11T23:47:16.854775899Z\"", "\"1677-09-21T00:12:43Z\"",
        "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\"", "\"\"", "\".\"", "\"2026-01-01T00:00:00.\"", "\"2026-01-01T00:00:00.12345678901234567890\"", "9223372036854775807",
        "-9223372036854775808", "1e400", "1.5", "null", "{}", "\"9223372036854775808\"", "\"-9223372036854775808\"", "\"12:00\"", "\"24:00:00.000000000\"",
    ];

    private static readonly string[] Names =
    [
        "events", "time", "name", "message", "severity", "error", "status", "error.type", "exception.message", "http.status_code", "otel.status_code", "gen_ai.usage.input_tokens",
        "agentops.budget.tokens", "budget_usd", "timeout_ms", "deadline", "max_steps", "agentops.cost_usd", "service.name", "links", "resource",
    ];

    private static readonly Gen<string> Scalar = Gen.OneOf(
        Pick(Times),
        Gen.Long.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Double.Where(double.IsFinite).Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        Pick("true", "false", "null", "\"ERROR\"", "\"error\"", "500", "\"429\"", "[]", "{}", "1e308", "-1e308", "5e-324"));

    [Theory]
    [InlineData("\"0001-01-01T00:00:00Z\"", long.MinValue)]
    [InlineData("\"9999-12-31T23:59:59.999999999Z\"", long.MaxValue)]
    [InlineData("\"2262-04-11T23:47:16.854775899Z\"", long.MaxValue)]
    [InlineData("\"2026-01-01T00:00:00.123456789Z\"", 1_767_225_600_123_456_789)]
    [InlineData("\"2026-01-01T00:00:00\"", 1_767_225_600_000_000_000)]
    public void A_time_beyond_nanoseconds_is_the_edge_of_their_range(string json, long nanoseconds) =>
        Assert.Equal(nanoseconds, EventTime.Read(JsonElement.Parse(json)));

    [Fact]
    public void No_attributes_that_ingest_accepts_make_a_forest_throw()
    {
        var value = Gen.Recursive<string>((depth, inner) => depth > 3 ? Scalar : Gen.OneOf(
            Scalar,
            Scalar,
            inner.Array[0, 3].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(Pick(Names), inner).Array[0, 4].Select(Object)));
        Gen.Select(Gen.Select(Pick(Names), value).Array[0, 6].Select(Object), Gen.Long, Gen.Long).Sample((attributes, start, end) =>
        {
            if (Rca.Json.JsonRules.FindProblem(JsonElement.Parse(attributes)) is not null)
            {
                return;
            }

            var span = new Span
            {
                SpanId = "4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7",
                Tool = "tool.call/x",
                StartTs = start,
                EndTs = end,
                Attributes = JsonElement.Parse(attributes),
            };
            var node = SpanForest.Build([span]).Find(span.SpanId);
            Assert.NotNull(node);
            Assert.True(node.Limits?.TokensUsed is not { } used || double.IsFinite(used.Value));
        });
    }

    private static Gen<string> Pick(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(place => choices[place]);

    private static string Object((string Name, string Value)[] members) =>
        $"{{{string.Join(',', members.DistinctBy(member => member.Name).Select(member => $"\"{member.Name}\":{member.Value}"))}}}";
}

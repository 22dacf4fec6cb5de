using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Spans;

public sealed class SpanFailureTests
{
    [Theory]
    [InlineData("""{"http.response.status_code":429,"error.type":"rate_limited"}""")]
    [InlineData("""{"status":"error","status_code":503,"exception.type":"IOException","exception.message":"cut","error_type":"io"}""")]
    [InlineData("""{"events":[{"name":"exception","exception.type":"A"}],"error":{"type":"B","message":"b"},"otel.status_code":"ERROR"}""")]
    [InlineData("""{"http.status_code":"404","http_status":500,"message":"gone","error":"true"}""")]
    [InlineData("""{"error":{"name":-1.3064651786826125E049},"status":"error"}""")]
    [InlineData("""{"error":{"code":4.0e2},"events":[{"severity":"error","message":1.50}]}""")]
    public void A_failure_is_the_same_whatever_the_order_of_the_members(string json)
    {
        var members = JsonElement.Parse(json).EnumerateObject().ToList();
        var canonical = SpanFailure.Read(JsonElement.Parse(CanonicalJson.ToUtf8(JsonElement.Parse(json))));

        Assert.NotNull(canonical);
        Assert.All(Orders(members), order =>
            Assert.Equal(canonical, SpanFailure.Read(JsonElement.Parse($"{{{string.Join(',', order.Select(member => member.ToString()))}}}"))));
    }

    [Theory]
    [InlineData("""{"status":"ok","http.response.status_code":200}""")]
    [InlineData("""{"error":false}""")]
    [InlineData("""{"error":"false"}""")]
    [InlineData("""{"error":null,"error.type":""}""")]
    [InlineData("{}")]
    public void A_call_that_went_well_is_no_failure(string json) => Assert.Null(SpanFailure.Read(JsonElement.Parse(json)));

    private static IEnumerable<List<JsonProperty>> Orders(List<JsonProperty> members) =>
        members.Count <= 1
            ? [members]
            : members.SelectMany((first, index) => Orders([.. members.Where((_, other) => other != index)]).Select(rest => (List<JsonProperty>)[first, .. rest]));
}

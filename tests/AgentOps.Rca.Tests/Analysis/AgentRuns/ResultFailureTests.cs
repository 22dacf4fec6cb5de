using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

public sealed class ResultFailureTests
{
    [Theory]
    [InlineData("""{"isError":true,"message":"no"}""", null, "no", null)]
    [InlineData("""{"success":false,"error":"out of stock"}""", null, "out of stock", null)]
    [InlineData("""{"success":false,"reason":"closed"}""", "closed", "closed", null)]
    [InlineData("""{"error":{"code":"E_LIMIT","message":"slow down"}}""", "E_LIMIT", "slow down", null)]
    [InlineData("""{"error":"NOT_FOUND","detail":"no such lease"}""", "NOT_FOUND", "NOT_FOUND: no such lease", null)]
    [InlineData("""{"status":503,"message":"down"}""", null, "down", 503)]
    [InlineData("""{"status":"failed","message":"declined"}""", "failed", "declined", null)]
    [InlineData("""{"data":{"errors":[{"code":"X1","message":"bad field"}]}}""", "X1", "bad field", null)]
    [InlineData("\"Error: no answer from the carrier\"", null, "Error: no answer from the carrier", null)]
    [InlineData("\"ValueError: bad date\"", "ValueError", "ValueError: bad date", null)]
    [InlineData("\"HTTP 404 Not Found\"", null, "HTTP 404 Not Found", 404)]
    [InlineData("\"Traceback (most recent call last):\\n  File \\\"a.py\\\"\\nKeyError: 'id'\"", "KeyError", "KeyError: 'id'", null)]
    public void A_result_tells_its_failure(string result, string? type, string words, int? http)
    {
        var failure = ResultFailure.Of(Envelope.Result(JsonElement.Parse(result), new Place("s", null, "")));

        Assert.Equal((type, words, http), (failure!.Value.Type, failure.Value.Words, failure.Value.Http));
    }

    [Theory]
    [InlineData("""{"error":null,"ok":true}""")]
    [InlineData("""{"error":false,"value":1}""")]
    [InlineData("""{"error":"","value":1}""")]
    [InlineData("""{"errors":[],"rows":3}""")]
    [InlineData("""{"status":"ok","code":200}""")]
    [InlineData("""{"status":"open","error_count":4}""")]
    [InlineData("""{"items":[{"status":"failed"}]}""")]
    [InlineData("\"The quotation for the errors and omissions insurance is ready.\"")]
    [InlineData("\"Timeouts of the pump are described in chapter 4.\"")]
    [InlineData("\"404 parcels were delivered.\"")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_result_that_is_well_tells_none(string result) =>
        Assert.Null(ResultFailure.Of(Envelope.Result(JsonElement.Parse(result), new Place("s", null, ""))));
}

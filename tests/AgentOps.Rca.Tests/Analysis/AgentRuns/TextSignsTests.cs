using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>What is read out of texts: failures in results, the words of errors, names of records, and what an answer says of itself.</summary>
public sealed class TextSignsTests
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

    [Theory]
    [InlineData("no seats left", "no seats left")]
    [InlineData("boom\n   at Shop.Pay(Order order) in Pay.cs:line 3\n   at Shop.Run()", "boom")]
    [InlineData("Traceback (most recent call last):\n  File \"a.py\", line 1\nValueError: bad date", "ValueError: bad date")]
    [InlineData("timed out\nTimeoutError: timed out", "timed out")]
    [InlineData("first\nsecond", "first second")]
    [InlineData("  ", "")]
    [InlineData(null, "")]
    public void The_words_of_an_error_come_without_its_stack_trace(string? message, string words) => Assert.Equal(words, ErrorText.Clean(message));

    [Theory]
    [InlineData("C-2207")]
    [InlineData("PU-6092")]
    [InlineData("#W2890441")]
    [InlineData("10402981")]
    [InlineData("ord_77a1")]
    public void Names_of_records_are_identifiers(string word) => Assert.Contains(word, Identifiers.In($"please look at {word} today"));

    [Theory]
    [InlineData("2026-03-14")]
    [InlineData("14:30")]
    [InlineData("19.99")]
    [InlineData("1,200,000")]
    [InlineData("v1.2.3")]
    [InlineData("24h")]
    [InlineData("2026")]
    [InlineData("warranty")]
    public void Dates_amounts_versions_and_words_are_none(string word) => Assert.Empty(Identifiers.In($"please look at {word} today"));

    [Theory]
    [InlineData("Your refund has been processed.", AnswerSign.Success)]
    [InlineData("I've cancelled the order.", AnswerSign.Success)]
    [InlineData("All done!", AnswerSign.Success)]
    [InlineData("Unfortunately the card was declined.", AnswerSign.Failure)]
    [InlineData("I could not find a lease for that unit.", AnswerSign.Failure)]
    [InlineData("The booking has been made, but the invoice failed.", AnswerSign.Failure)]
    [InlineData("The parcel weighs 3 kg.", AnswerSign.None)]
    [InlineData("Which date do you prefer?", AnswerSign.None)]
    public void An_answer_says_whether_it_speaks_of_success(string answer, object sign) => Assert.Equal(sign, AnswerSigns.Of(answer));
}

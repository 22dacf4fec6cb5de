using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

public sealed class EnvelopeTests
{
    [Theory]
    [InlineData("""{"price":3}""", """{"price":3}""", "", false)]
    [InlineData("""{"lc":1,"type":"constructor","id":["ToolMessage"],"kwargs":{"content":"{\"price\":3}","tool_call_id":"c9"}}""", """{"price":3}""", "/kwargs/content", false)]
    [InlineData("""{"lc":1,"type":"constructor","id":["ToolMessage"],"kwargs":{"content":"no","tool_call_id":"c9","status":"error"}}""", "\"no\"", "/kwargs/content", true)]
    [InlineData("""{"content":[{"type":"text","text":"{\"price\":3}"}],"isError":false}""", """{"price":3}""", "/content/0/text", false)]
    [InlineData("""{"content":[{"type":"text","text":"down"}],"isError":true}""", "\"down\"", "/content/0/text", true)]
    [InlineData("""{"content":[{"type":"text","text":"x"}],"structuredContent":{"price":3}}""", """{"price":3}""", "/structuredContent", false)]
    [InlineData("""{"type":"json","value":{"price":3}}""", """{"price":3}""", "/value", false)]
    [InlineData("""{"type":"error-text","value":"down"}""", "\"down\"", "/value", true)]
    [InlineData("""{"result":"{\"price\":3}"}""", """{"price":3}""", "/result", false)]
    [InlineData("\"{\\\"price\\\":3}\"", """{"price":3}""", "", false)]
    [InlineData("\"{'price': 3.50, 'ok': True, 'note': None, 'who': \\\"O'Brien\\\", 'at': ('a\\\\n', -1e3), 'x': [{}]}\"", """{"at":["a\n",-1000],"note":null,"ok":true,"price":3.5,"who":"O'Brien","x":[{}]}""", "", false)]
    [InlineData("\"{'when': datetime.date(2026, 1, 1)}\"", "\"{'when': datetime.date(2026, 1, 1)}\"", "", false)]
    [InlineData("\"{'a', 'b'}\"", "\"{'a', 'b'}\"", "", false)]
    [InlineData("\"{'a': 1} and more\"", "\"{'a': 1} and more\"", "", false)]
    [InlineData("""{"result":1,"total":2}""", """{"result":1,"total":2}""", "", false)]
    [InlineData("""{"content":"a page","title":"of a document"}""", """{"content":"a page","title":"of a document"}""", "", false)]
    public void A_result_is_taken_out_of_its_envelopes_and_knows_where_it_stands(string recorded, string inner, string pointer, bool saysError)
    {
        var result = Envelope.Result(JsonElement.Parse(recorded), new Place("s", null, ""));

        Assert.Equal((inner, pointer, saysError), (result.Key, result.Place.Pointer, result.SaysError));
    }

    [Theory]
    [InlineData("""{"id":"C-7"}""", """{"id":"C-7"}""")]
    [InlineData("\"{\\\"id\\\":\\\"C-7\\\"}\"", """{"id":"C-7"}""")]
    [InlineData("""{"args":[],"kwargs":{"id":"C-7"}}""", """{"id":"C-7"}""")]
    [InlineData("""{"name":"find","arguments":{"id":"C-7"}}""", """{"id":"C-7"}""")]
    [InlineData("""{"input":"{\"id\":\"C-7\"}"}""", """{"id":"C-7"}""")]
    [InlineData("""{"input":"{'id': 'C-7'}"}""", """{"id":"C-7"}""")]
    [InlineData("""{"input":"words","mode":"fast"}""", """{"input":"words","mode":"fast"}""")]
    public void Arguments_are_taken_out_of_theirs(string recorded, string inner) =>
        Assert.Equal(inner, Envelope.Arguments(JsonElement.Parse(recorded), new Place("s", null, "")).Key);

    [Fact]
    public void Two_answers_that_differ_in_the_id_of_their_envelope_alone_are_equal()
    {
        var (one, other) = (Message("c1"), Message("c2"));

        Assert.Equal(one.Key, other.Key);

        static Payload Message(string id) => Envelope.Result(
            JsonElement.Parse($$$"""{"lc":1,"id":["ToolMessage"],"kwargs":{"content":"{\"b\":2,\"a\":1}","tool_call_id":"{{{id}}}"}}"""), new Place("s", null, ""));
    }
}

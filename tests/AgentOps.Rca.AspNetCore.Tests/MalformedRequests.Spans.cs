using System.Text;

namespace AgentOps.Rca.AspNetCore.Tests;

public static partial class MalformedRequests
{
    private static IEnumerable<MalformedRequest> Spans =>
    [
        Json("/traces/spans", "", 400, ""),
        Json("/traces/spans", " \n ", 400, ""),
        Json("/traces/spans", "null", 400, ""),
        Json("/traces/spans", "7", 400, ""),
        Json("/traces/spans", "\"x\"", 400, ""),
        Json("/traces/spans", "]", 400, ""),
        Json("/traces/spans", "{", 400, ""),
        Json("/traces/spans", "[", 400, ""),
        Json("/traces/spans", "[}", 400, "/0"),
        Json("/traces/spans", "[,]", 400, "/0"),
        Json("/traces/spans", """[{<Span>}""", 400, ""),
        Json("/traces/spans", """[{<Span>},]""", 400, "/1"),
        Json("/traces/spans", """[{<Span>} {<Span>}]""", 400, "/1"),
        Json("/traces/spans", """[{<Span>}]x""", 400, ""),
        Json("/traces/spans", """[{<Span>}][]""", 400, ""),
        Json("/traces/spans", """[{<Span>},{"span_id":]""", 400, "/1"),
        Json("/traces/spans", """[{<Span>},{"span_id":"b""", 400, "/1"),
        Json("/traces/spans", """[{<Span>,"attributes":{"x":}}]""", 400, "/0"),
        Json("/traces/spans", """[{<Span>,"attributes":{"d":<Deep>}}]""", 400, "/0"),
        Json("/traces/spans", """[{<Span>,"x":<Deep>}]""", 400, "/0"),
        Json("/traces/spans", """[{<Span>},/* c */{<Span>}]""", 400, "/1"),
        Json("/traces/spans", """{"spans":{}}""", 422, "/spans"),
        Json("/traces/spans", """{"spans":null}""", 422, "/spans"),
        Json("/traces/spans", """{"spans":[{<Span>}]""", 400, ""),
        Json("/traces/spans", """{"spans":[{<Span>}],"spans":[]}""", 400, "/spans"),
        Json("/traces/spans", """{"spans":[{<Span>}],"x"}""", 400, ""),
        Json("/traces/spans", """{"spans":[{<Span>}],7:1}""", 400, ""),
        Json("/traces/spans", """{"spans":[{<Span>}] "x":1}""", 400, ""),
        Json("/traces/spans", """{"spans":[{<Span>}],"x":}""", 400, ""),
        Json("/traces/spans", """{"spans":[{<Span>}]} x""", 400, ""),
        Json("/traces/spans", """{"spans":[7]}""", 422, "/spans/0"),
        Json("/traces/spans", """{"spans":[{}]}""", 422, "/spans/0/span_id"),
        Json("/traces/spans", "{}", 422, "/span_id"),
        Json("/traces/spans", "[7]", 422, "/0"),
        Json("/traces/spans", "[null]", 422, "/0"),
        Json("/traces/spans", "[[]]", 422, "/0"),
        Json("/traces/spans", "[\"a\"]", 422, "/0"),
        Json("/traces/spans", """[{"tool":"t","start_ts":1,"end_ts":2}]""", 422, "/0/span_id"),
        Json("/traces/spans", """[{"span_id":"a","start_ts":1,"end_ts":2}]""", 422, "/0/tool"),
        Json("/traces/spans", """[{"span_id":"a","tool":"t","end_ts":2}]""", 422, "/0/start_ts"),
        Json("/traces/spans", """[{"span_id":"a","tool":"t","start_ts":1}]""", 422, "/0/end_ts"),
        Json("/traces/spans", """[{"span_id":null,"tool":"t","start_ts":1,"end_ts":2}]""", 422, "/0/span_id"),
        Json("/traces/spans", """[{"span_id":"","tool":"t","start_ts":1,"end_ts":2}]""", 422, "/0/span_id"),
        Json("/traces/spans", """[{"span_id":7,"tool":"t","start_ts":1,"end_ts":2}]""", 422, "/0/span_id"),
        Json("/traces/spans", """[{"span_id":"<s*513>","tool":"t","start_ts":1,"end_ts":2}]""", 422, "/0/span_id"),
        Json("/traces/spans", """[{"span_id":"a\u0000","tool":"t","start_ts":1,"end_ts":2}]""", 422, "/0/span_id"),
        Json("/traces/spans", """[{"span_id":"\ud83e","tool":"t","start_ts":1,"end_ts":2}]""", 422, "/0/span_id"),
        Json("/traces/spans", """[{"span_id":"a","tool":[],"start_ts":1,"end_ts":2}]""", 422, "/0/tool"),
        Json("/traces/spans", """[{"span_id":"a","tool":"t","start_ts":"1","end_ts":2}]""", 422, "/0/start_ts"),
        Json("/traces/spans", """[{"span_id":"a","tool":"t","start_ts":1.5,"end_ts":2}]""", 422, "/0/start_ts"),
        Json("/traces/spans", """[{"span_id":"a","tool":"t","start_ts":9223372036854775808,"end_ts":2}]""", 422, "/0/start_ts"),
        Json("/traces/spans", """[{"span_id":"a","tool":"t","start_ts":1,"end_ts":null}]""", 422, "/0/end_ts"),
        Json("/traces/spans", """[{"span_id":"a","tool":"t","start_ts":1,"end_ts":"2026-01-01T00:00:00Z"}]""", 422, "/0/end_ts"),
        Json("/traces/spans", """[{<Span>,"parent_id":7}]""", 422, "/0/parent_id"),
        Json("/traces/spans", """[{<Span>,"parent_id":""}]""", 422, "/0/parent_id"),
        Json("/traces/spans", """[{<Span>,"incident_id":{}}]""", 422, "/0/incident_id"),
        Json("/traces/spans", """[{<Span>,"args_digest":"abc"}]""", 422, "/0/args_digest"),
        Json("/traces/spans", """[{<Span>,"args_digest":7}]""", 422, "/0/args_digest"),
        Json("/traces/spans", """[{<Span>,"result_digest":"<g*64>"}]""", 422, "/0/result_digest"),
        Json("/traces/spans", """[{<Span>,"result_digest":"md5:<0*64>"}]""", 422, "/0/result_digest"),
        Json("/traces/spans", """[{<Span>,"attributes":[]}]""", 422, "/0/attributes"),
        Json("/traces/spans", """[{<Span>,"attributes":"x"}]""", 422, "/0/attributes"),
        Json("/traces/spans", """[{<Span>,"attributes":{"n":12345678901234567890}}]""", 422, "/0/attributes/n"),
        Json("/traces/spans", """[{<Span>,"attributes":{"n":[0,1e400]}}]""", 422, "/0/attributes/n/1"),
        Json("/traces/spans", """[{<Span>,"attributes":{"a":"\u0000"}}]""", 422, "/0/attributes/a"),
        Json("/traces/spans", """[{<Span>,"attributes":{"a~/b":"\ud800"}}]""", 422, "/0/attributes/a~0~1b"),
        Json("/traces/spans", """[{<Span>,"attributes":{"a":1,"a":1}}]""", 422, "/0/attributes/a"),
        Json("/traces/spans", """[{<Span>,"attributes":{"a":{"b":1,"b":2}},"y":1}]""", 422, "/0/attributes/a/b"),
        Json("/traces/spans", """[{<Span>,"status":"ok","attributes":{"status":"error"}}]""", 422, "/0/status"),
        Json("/traces/spans", """[{<Span>,"x":1,"x":2}]""", 422, "/0/x"),
        Json("/traces/spans", """[{<Span>,"x":9007199254740993}]""", 422, "/0/x"),
        Json("/traces/spans", """[{<Span>,"tool":"t"}]""", 422, "/0/tool"),
        Json("/traces/spans", """[{<Span>,"to\u006fl":"t"}]""", 422, "/0/tool"),
        Json("/traces/spans", """[{<Span>},{"span_id":"b"}]""", 422, "/1/tool"),
        Json("/traces/spans", """[{<Span>,"attributes":{"a":"!"}}]""", 422, "/0/attributes") with
        {
            Body = [.. Encoding.UTF8.GetBytes(Fill("""[{<Span>,"attributes":{"a":" """)), 0xC3, 0x28, .. "\"}}]"u8],
        },
        Lines("{<Span>}" + "\nnot json\n", 400, "/1"),
        Lines("{<Span>}" + "\n[]\n", 422, "/1"),
        Lines("{<Span>}" + "\n{\"span_id\":\"b\",\n", 400, "/1"),
        Json("/traces/spans", "[]", 415, "Content-Type") with { Type = "text/plain" },
        Json("/traces/spans", "[]", 415, "Content-Type") with { Type = null },
        Json("/traces/spans", "[]", 415, "Content-Type") with { Type = "application/x-protobuf" },
        Json("/traces/spans", "[]", 415, "Content-Type") with { Type = "application/json; charset=iso-8859-1" },
        Json("/traces/spans", "[]", 415, "Content-Encoding") with { Headers = [("Content-Encoding", "br")] },
    ];

    private static IEnumerable<MalformedRequest> SpanQueries =>
    [
        Get("/traces/spans?limit=0", 400, "limit"),
        Get("/traces/spans?limit=1001", 400, "limit"),
        Get("/traces/spans?limit=1.5", 400, "limit"),
        Get("/traces/spans?limit=1e2", 400, "limit"),
        Get("/traces/spans?cursor=x", 400, "cursor"),
        Get("/traces/spans?cursor=%FF", 400, "cursor"),
        Get("/traces/spans?cursor=cwAAAAAAAAAB_w", 400, "cursor"),
        Get("/traces/spans?cursor=aQAAAAAAAAABYQ", 400, "cursor"),
        Get("/traces/spans?incident_id=", 400, "incident_id"),
        Get("/traces/spans?incident_id=%00", 400, "incident_id"),
        Get("/traces/spans?tool=", 400, "tool"),
        Get("/traces/spans?tool=a&tool=b", 400, "tool"),
    ];

    private static IEnumerable<MalformedRequest> Paths =>
    [
        Get("/incidents/42", 400, "id"),
        Get("/incidents/not-a-uuid/full", 400, "id"),
        Get("/incidents/%7B0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111%7D", 400, "id"),
        Get($"/incidents/{Id}", 404, "id"),
        Get($"/incidents/{Id}/full", 404, "id"),
        Get("/artifacts/abc", 400, "digest"),
        Get("/artifacts/abc/content", 400, "digest"),
        Get($"/artifacts/{new string('g', 64)}", 400, "digest"),
        Get($"/artifacts/sha512:{new string('0', 64)}", 400, "digest"),
        Get($"/artifacts/..%2F{new string('0', 61)}", 400, "digest"),
        Get($"/artifacts/{new string('0', 64)}", 404, "digest"),
        Get($"/artifacts/{new string('0', 64)}/content", 404, "digest"),
    ];

    private static IEnumerable<MalformedRequest> Methods =>
    [
        new("DELETE", "/incidents", 405, null),
        new("PUT", $"/incidents/{Id}", 405, null),
        new("POST", $"/incidents/{Id}/full", 405, null),
        new("GET", "/artifacts", 405, null),
        new("DELETE", $"/artifacts/{new string('0', 64)}", 405, null),
        new("PUT", $"/artifacts/{new string('0', 64)}/content", 405, null),
        new("PATCH", "/traces/spans", 405, null),
        new("POST", "/", 405, null),
        new("POST", "/health", 405, null),
        new("DELETE", "/health/ready", 405, null),
    ];

    private static IEnumerable<MalformedRequest> Analyses => [];

    private static MalformedRequest Lines(string body, int status, string place) =>
        Json("/traces/spans", body, status, place) with { Type = "application/x-ndjson" };
}

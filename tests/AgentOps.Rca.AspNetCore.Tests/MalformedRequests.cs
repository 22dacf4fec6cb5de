using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>Requests that are wrong, and where: the table of what must be answered with 4xx, never with 5xx.</summary>
public static partial class MalformedRequests
{
    private const string Id = "0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111";
    private const string Incident = "\"order_id\":\"o\",\"problem_type\":\"p\"";
    private const string Span = "\"span_id\":\"a\",\"tool\":\"t\",\"start_ts\":1,\"end_ts\":2";
    private static readonly string Deep = string.Concat(Enumerable.Repeat("[", 80)) + string.Concat(Enumerable.Repeat("]", 80));

    /// <summary>Every malformed request there is a row for.</summary>
    public static IEnumerable<MalformedRequest> All =>
        [.. Incidents, .. IncidentQueries, .. Artifacts, .. Spans, .. SpanQueries, .. Paths, .. Methods, .. Analyses];

    private static IEnumerable<MalformedRequest> Incidents =>
    [
        .. MalformedJson("POST", "/incidents"),
        Json("/incidents", "{}", 422, "/problem_type"),
        Json("/incidents", """{"order_id":"o"}""", 422, "/problem_type"),
        Json("/incidents", """{"subject":" ","problem_type":"p"}""", 422, "/subject"),
        Json("/incidents", """{"subject":["o"],"problem_type":"p"}""", 422, "/subject"),
        Json("/incidents", """{"order_id":"","problem_type":"p"}""", 422, "/order_id"),
        Json("/incidents", """{"order_id":"  ","problem_type":"p"}""", 422, "/order_id"),
        Json("/incidents", """{"order_id":7.5,"problem_type":"p"}""", 422, "/order_id"),
        Json("/incidents", """{"order_id":["o"],"problem_type":"p"}""", 422, "/order_id"),
        Json("/incidents", """{"order_id":"<x*513>","problem_type":"p"}""", 422, "/order_id"),
        Json("/incidents", """{"order_id":"a\u0000b","problem_type":"p"}""", 422, "/order_id"),
        Json("/incidents", """{"order_id":"\ud800","problem_type":"p"}""", 422, "/order_id"),
        Json("/incidents", """{"order_id":"o","problem_type":{}}""", 422, "/problem_type"),
        Json("/incidents", """{"order_id":"o","problem_type":"\udfff"}""", 422, "/problem_type"),
        Json("/incidents", """{<Incident>,"eta_delta_hours":"four"}""", 422, "/eta_delta_hours"),
        Json("/incidents", """{<Incident>,"eta_delta_hours":"0.1234567890123456789"}""", 422, "/eta_delta_hours"),
        Json("/incidents", """{<Incident>,"eta_delta_hours":true}""", 422, "/eta_delta_hours"),
        Json("/incidents", """{<Incident>,"eta_delta_hours":1e999}""", 422, "/eta_delta_hours"),
        Json("/incidents", """{<Incident>,"eta_delta_hours":0.1234567890123456789}""", 422, "/eta_delta_hours"),
        Json("/incidents", """{<Incident>,"status":1}""", 422, "/status"),
        Json("/incidents", """{<Incident>,"status":" "}""", 422, "/status"),
        Json("/incidents", """{<Incident>,"status":"<s*65>"}""", 422, "/status"),
        Json("/incidents", """{<Incident>,"details":[]}""", 422, "/details"),
        Json("/incidents", """{<Incident>,"details":"x"}""", 422, "/details"),
        Json("/incidents", """{<Incident>,"details":{"n":9007199254740993}}""", 422, "/details/n"),
        Json("/incidents", """{<Incident>,"details":{"a/b":[0,"\u0000"]}}""", 422, "/details/a~1b/1"),
        Json("/incidents", """{<Incident>,"details":{"a":1,"a":1}}""", 422, "/details/a"),
        Json("/incidents", """{<Incident>,"details":{"x\u0000":1}}""", 422, "/details"),
        Json("/incidents", """{<Incident>,"details":{"region":"eu"},"region":"us"}""", 422, "/region"),
        Json("/incidents", """{<Incident>,"other":12345678901234567890}""", 422, "/other"),
        Json("/incidents", """{<Incident>,"order_id":"o"}""", 422, "/order_id"),
        Json("/incidents", """{<Incident>,"id":"42"}""", 422, "/id"),
        Json("/incidents", """{<Incident>,"id":42}""", 422, "/id"),
        Json("/incidents", """{<Incident>,"id":"{<Id>}"}""", 422, "/id"),
        Json("/incidents", """{<Incident>,"incident_id":"0190a8c25d1e7c439b1f2f6a4de0c111"}""", 422, "/incident_id"),
        Json("/incidents", """{<Incident>,"created_ts":"yesterday"}""", 422, "/created_ts"),
        Json("/incidents", """{<Incident>,"created_ts":1767225600}""", 422, "/created_ts"),
        Json("/incidents", """{<Incident>,"created_ts":"0001-01-01T00:00:00+14:00"}""", 422, "/created_ts"),
        Json("/incidents", """{<Incident>}""", 400, "Idempotency-Key") with { Headers = [("Idempotency-Key", "")] },
        Json("/incidents", """{<Incident>}""", 400, "Idempotency-Key") with { Headers = [("Idempotency-Key", "\"\"")] },
        Json("/incidents", """{<Incident>}""", 400, "Idempotency-Key") with { Headers = [("Idempotency-Key", new string('k', 256))] },
    ];

    private static IEnumerable<MalformedRequest> IncidentQueries =>
    [
        Get("/incidents?limit=0", 400, "limit"),
        Get("/incidents?limit=501", 400, "limit"),
        Get("/incidents?limit=-1", 400, "limit"),
        Get("/incidents?limit=+5", 400, "limit"),
        Get("/incidents?limit=ten", 400, "limit"),
        Get("/incidents?limit=99999999999999999999", 400, "limit"),
        Get("/incidents?limit=1&limit=2", 400, "limit"),
        Get("/incidents?cursor=abc", 400, "cursor"),
        Get("/incidents?cursor=!!!", 400, "cursor"),
        Get("/incidents?cursor=a", 400, "cursor"),
        Get("/incidents?cursor=cwAAAAAAAAABYQ", 400, "cursor"),
        Get("/incidents?cursor=af______________________________8", 400, "cursor"),
        Get("/incidents?status=a&status=b", 400, "status"),
        Get("/incidents?q=%00", 400, "q"),
        Get("/incidents?order_id=a%00b", 400, "order_id"),
        Get($"/incidents?problem_type={new string('p', 513)}", 400, "problem_type"),
    ];

    private static IEnumerable<MalformedRequest> Artifacts =>
    [
        .. MalformedJson("POST", "/artifacts").Where(request => request.Type is null or "application/json" or "application/json; charset=utf-16" && request.Body.Length > 0),
        Json("/artifacts", "{}", 422, "/content"),
        Json("/artifacts", """{"content":null}""", 422, "/content"),
        Json("/artifacts", """{"content":7}""", 422, "/content"),
        Json("/artifacts", """{"content":"not base64!"}""", 422, "/content"),
        Json("/artifacts", """{"content":"YQ"}""", 422, "/content"),
        Json("/artifacts", """{"content":"YQ==","mime":7}""", 422, "/mime"),
        Json("/artifacts", """{"content":"YQ==","mime":"text"}""", 422, "/mime"),
        Json("/artifacts", """{"content":"YQ==","mime":"*/*"}""", 422, "/mime"),
        Json("/artifacts", """{"content":"YQ==","mime":"text/plain\r\nX: y"}""", 422, "/mime"),
        Json("/artifacts", """{"content":"YQ==","mime":"text/<m*300>"}""", 422, "/mime"),
        Json("/artifacts", """{"content":"YQ==","pii_masked":"yes"}""", 422, "/pii_masked"),
        Json("/artifacts", """{"content":"YQ==","pii_masked":1}""", 422, "/pii_masked"),
        Json("/artifacts", """{"content":"YQ=="}""", 400, "Repr-Digest") with { Headers = [("Repr-Digest", "sha-256=:AAAA:")] },
        Raw("/artifacts", "x", 400, "Repr-Digest") with { Headers = [("Repr-Digest", "sha-256=AAAA")] },
        Raw("/artifacts", "x", 400, "Repr-Digest") with { Headers = [("Repr-Digest", "sha-256=:AAAA:")] },
        Raw("/artifacts", "x", 400, "Repr-Digest") with { Headers = [("Repr-Digest", "sha-256=:not base64:")] },
        Raw("/artifacts", "x", 400, "Repr-Digest") with { Headers = [("Repr-Digest", ",")] },
        Raw("/artifacts", "x", 422, "Repr-Digest") with { Headers = [("Repr-Digest", $"sha-256=:{Convert.ToBase64String(new byte[32])}:")] },
        Raw("/artifacts?pii_masked=yes", "x", 400, "pii_masked"),
        Raw("/artifacts?mime=text", "x", 400, "mime"),
        Raw("/artifacts?mime=a/b&mime=c/d", "x", 400, "mime"),
        Raw("/artifacts", "x", 400, "Content-Type") with { Type = "nonsense" },
        Json("/artifacts", """{"content":"YQ==","mime":"text/plain; a=\"\r\nX-Evil: 1\""}""", 422, "/mime"),
        Json("/artifacts", """{"content":"YQ==","mime":"text/plain; a=é"}""", 422, "/mime"),
        Json("/artifacts", """{"content":"YQ==","mime":"text/plain; a=\u0007"}""", 422, "/mime"),
        Raw("/artifacts", "x", 415, "Content-Type") with { Type = "multipart/mixed; boundary=b" },
        Raw("/artifacts", "x", 400, "") with { Type = "multipart/form-data; boundary=b" },
        Raw("/artifacts", "--b--\r\n", 422, "/file") with { Type = "multipart/form-data; boundary=b" },
        Raw("/artifacts", "x", 415, "Content-Encoding") with { Headers = [("Content-Encoding", "gzip")] },
    ];

    private static MalformedRequest Json(string path, string body, int status, string place) => new("POST", path, status, place)
    {
        Body = Encoding.UTF8.GetBytes(Fill(body)),
        Type = "application/json",
    };

    // <Span> and the like stand for members that are right, <x*513> for 513 times x.
    private static string Fill(string body) => Repeated().Replace(
        body.Replace("<Span>", Span, StringComparison.Ordinal)
            .Replace("<Incident>", Incident, StringComparison.Ordinal)
            .Replace("<Deep>", Deep, StringComparison.Ordinal)
            .Replace("<Id>", Id, StringComparison.Ordinal),
        match => new string(match.Groups[1].Value[0], int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"<(.)\*(\d+)>")]
    private static partial Regex Repeated();

    private static MalformedRequest Raw(string path, string body, int status, string place) =>
        Json(path, body, status, place) with { Type = "text/plain" };

    private static MalformedRequest Get(string path, int status, string place) => new("GET", path, status, place);

    /// <summary>Bodies that are wrong at every endpoint that takes a JSON object.</summary>
    private static IEnumerable<MalformedRequest> MalformedJson(string method, string path)
    {
        (string Body, int Status)[] bodies =
        [
            ("", 400), (" ", 400), ("{", 400), ("}", 400), ("{\"a\":}", 400), ("{\"a\":1,}", 400), ("{'a':1}", 400), ("{} {}", 400),
            ("[]", 400), ("null", 400), ("\"text\"", 400), ("7", 400), ("{\"a\":NaN}", 400), ("{\"a\":01}", 400), ("{\"a\":\"\u0001\"}", 400),
            ("// comment\n{}", 400), (Deep, 400), ("{\"a\":\"\\x\"}", 400),
        ];
        foreach (var (body, status) in bodies)
        {
            yield return Json(path, body, status, "") with { Method = method };
        }

        yield return Json(path, "", 400, "") with { Method = method, Body = [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'] };
        yield return Json(path, "{}", 415, "Content-Type") with { Method = method, Type = "text/plain" };
        yield return Json(path, "a=b", 415, "Content-Type") with { Method = method, Type = "application/x-www-form-urlencoded" };
        yield return Json(path, "{}", 415, "Content-Type") with { Method = method, Type = "application/json; charset=utf-16" };
        yield return Json(path, "{}", 415, "Content-Encoding") with { Method = method, Headers = [("Content-Encoding", "gzip")] };
    }
}

/// <summary>A request that is wrong.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path and query.</param>
/// <param name="Status">The status it must be answered with.</param>
/// <param name="Place">What <c>errors</c> must name.</param>
public sealed record MalformedRequest(string Method, string Path, int Status, string? Place)
{
    public byte[] Body { get; init; } = [];

    public string? Type { get; init; }

    public (string Name, string Value)[] Headers { get; init; } = [];

    public override string ToString()
    {
        var body = Encoding.UTF8.GetString(Body);
        return string.Create(CultureInfo.InvariantCulture, $"{Method} {Cut(Path)} {Type} {string.Join(' ', Headers)} {Cut(body)} → {Status} {Place}");
    }

    private static string Cut(string text) => text.Length > 120 ? text[..120] + "…" : text;
}

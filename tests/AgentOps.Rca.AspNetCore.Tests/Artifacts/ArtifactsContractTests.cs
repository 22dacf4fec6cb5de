using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Artifacts;

public sealed class InMemoryArtifactsContractTests(InMemoryStoreBackend backend) : ArtifactsContractTests<InMemoryStoreBackend>(backend);

public abstract class ArtifactsContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(i => $"{i:D4} ")));
    private static readonly ArtifactDigest Digest = ArtifactDigest.Of(Content);

    [Fact]
    public async Task Raw_bytes_are_201_the_first_time_and_200_the_second()
    {
        using var first = await PostAsync("/artifacts?pii_masked=true", Content, "text/plain; charset=utf-8");
        using var second = await PostAsync("/artifacts?pii_masked=true", Content, "application/other");

        var artifact = await ReadAsync(first, 201);
        Assert.Equal(Digest.ToString(), artifact.GetProperty("digest").GetString());
        Assert.Equal("text/plain; charset=utf-8", artifact.GetProperty("mime").GetString());
        Assert.Equal(Content.Length, artifact.GetProperty("length").GetInt64());
        Assert.True(artifact.GetProperty("pii_masked").GetBoolean());
        Assert.Equal($"/artifacts/{Digest}", first.Headers.Location?.OriginalString);
        Assert.Equal(artifact.GetRawText(), (await ReadAsync(second, 200)).GetRawText());
    }

    [Fact]
    public async Task Base64_in_json_is_the_same_artifact_as_the_raw_bytes()
    {
        var json = $$"""{"content":"{{Convert.ToBase64String(Content)}}","mime":"text/plain","pii_masked":true}""";
        using var response = await PostJsonAsync("/artifacts", json);

        var artifact = await ReadAsync(response, 201);
        Assert.Equal(Digest.ToString(), artifact.GetProperty("digest").GetString());
        Assert.Equal("text/plain", artifact.GetProperty("mime").GetString());
        Assert.True(artifact.GetProperty("pii_masked").GetBoolean());
    }

    [Fact]
    public async Task Json_content_is_stored_as_it_is_under_another_type_and_named_by_mime()
    {
        using var response = await PostAsync("/artifacts?mime=application/json", "{}"u8.ToArray(), "application/octet-stream");
        using var vendor = await PostAsync("/artifacts", "{\"a\":1}"u8.ToArray(), "application/vnd.a+json");
        using var untyped = await PostAsync("/artifacts", "{\"b\":1}"u8.ToArray(), null);

        Assert.Equal("application/json", (await ReadAsync(response, 201)).GetProperty("mime").GetString());
        Assert.Equal("application/vnd.a+json", (await ReadAsync(vendor, 201)).GetProperty("mime").GetString());
        Assert.Equal("application/octet-stream", (await ReadAsync(untyped, 201)).GetProperty("mime").GetString());
    }

    [Fact]
    public async Task A_digest_that_was_announced_is_checked_and_nothing_is_stored_when_it_is_wrong()
    {
        var wrong = ReprDigest.Format(ArtifactDigest.Of("other"u8));
        using var refused = await PostAsync("/artifacts", Content, "text/plain", ("Repr-Digest", wrong));
        using var unknown = await Client.GetAsync($"/artifacts/{Digest}");
        using var stored = await PostAsync("/artifacts", Content, "text/plain", ("Repr-Digest", ReprDigest.Format(Digest)));

        await ReadProblemAsync(refused, 422, "digest-mismatch", "Repr-Digest");
        await ReadProblemAsync(unknown, 404, "not-found", "digest");
        await ReadAsync(stored, 201);
    }

    [Fact]
    public async Task The_row_comes_with_a_preview_also_for_a_prefixed_digest_in_capitals()
    {
        using var stored = await PostAsync("/artifacts", Content, "text/plain");
        await ReadAsync(stored, 201);

        var artifact = await GetJsonAsync($"/artifacts/sha256:{Digest.ToString().ToUpperInvariant()}");

        Assert.Equal(Content[..256], artifact.GetProperty("preview").GetBytesFromBase64());
        Assert.Equal(Digest.ToString(), artifact.GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Content_comes_whole_with_its_digest_as_the_entity_tag_and_never_as_a_page()
    {
        using var stored = await PostAsync("/artifacts", Content, "text/html");
        using var response = await Client.GetAsync($"/artifacts/{Digest}/content");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Content, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal($"\"{Digest}\"", response.Headers.ETag?.ToString());
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal(ReprDigest.Format(Digest), response.Headers.GetValues("Repr-Digest").Single());
        Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=990-", 990, 10)]
    [InlineData("bytes=-5", 995, 5)]
    [InlineData("bytes=998-2000", 998, 2)]
    public async Task A_range_is_206_with_exactly_those_bytes(string range, int from, int count)
    {
        using var stored = await PostAsync("/artifacts", Content, "text/plain");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/artifacts/{Digest}/content");
        request.Headers.Range = RangeHeaderValue.Parse(range);
        using var response = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(Content[from..(from + count)], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal($"bytes {from}-{from + count - 1}/{Content.Length}", response.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=5000-6000")]
    public async Task A_range_outside_the_content_is_416_and_tells_the_length(string range)
    {
        using var stored = await PostAsync("/artifacts", Content, "text/plain");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/artifacts/{Digest}/content");
        request.Headers.Range = RangeHeaderValue.Parse(range);
        using var response = await Client.SendAsync(request);

        await ReadProblemAsync(response, 416, "range-not-satisfiable", "Range");
        Assert.Equal($"bytes */{Content.Length}", response.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("\"{0}\"")]
    [InlineData("W/\"{0}\"")]
    [InlineData("\"other\", \"{0}\"")]
    [InlineData("*")]
    public async Task A_copy_that_the_client_has_is_304_without_a_body(string copy)
    {
        using var stored = await PostAsync("/artifacts", Content, "text/plain");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/artifacts/{Digest}/content");
        request.Headers.TryAddWithoutValidation("If-None-Match", copy.Replace("{0}", Digest.ToString(), StringComparison.Ordinal));
        using var response = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Equal($"\"{Digest}\"", response.Headers.ETag?.ToString());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/content")]
    [InlineData("")]
    public async Task Head_has_the_headers_and_no_body(string suffix)
    {
        using var stored = await PostAsync("/artifacts", Content, "text/plain");
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/artifacts/{Digest}{suffix}");
        using var response = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        if (suffix.Length > 0)
        {
            Assert.Equal(Content.Length, response.Content.Headers.ContentLength);
        }
    }

    [Fact]
    public async Task No_bytes_at_all_are_an_artifact_too()
    {
        using var stored = await PostAsync("/artifacts", [], "text/plain");
        await ReadAsync(stored, 201);
        using var content = await Client.GetAsync($"/artifacts/{ArtifactDigest.Empty}/content");

        Assert.Equal(HttpStatusCode.OK, content.StatusCode);
        Assert.Empty(await content.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_row_whose_content_is_gone_says_so_and_its_content_is_410()
    {
        var lost = Samples.Artifact(7);
        await Host.Stores.Artifacts.AddAsync(lost);

        var artifact = await GetJsonAsync($"/artifacts/{lost.Digest}");
        using var content = await Client.GetAsync($"/artifacts/{lost.Digest}/content");

        Assert.Equal(System.Text.Json.JsonValueKind.Null, artifact.GetProperty("preview").ValueKind);
        Assert.Contains("missing", artifact.GetProperty("content_problem").GetString(), StringComparison.Ordinal);
        await ReadProblemAsync(content, 410, "content-unavailable", "digest");
    }

    [Fact]
    public async Task Content_that_was_changed_is_never_served()
    {
        using var stored = await PostAsync("/artifacts", Content, "text/plain");
        await Host.Stores.CorruptAsync(Digest);

        using var content = await Client.GetAsync($"/artifacts/{Digest}/content");

        await ReadProblemAsync(content, 410, "content-unavailable", "digest");
    }
}

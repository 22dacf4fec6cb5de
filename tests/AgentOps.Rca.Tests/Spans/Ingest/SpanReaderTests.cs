using System.Diagnostics;
using System.Globalization;
using System.Text;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Spans.Ingest;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Spans.Ingest;

public sealed class SpanReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1_000_000)]
    public async Task The_same_spans_come_out_however_the_bytes_are_cut(int piece)
    {
        var spans = Enumerable.Range(0, 50)
            .Select(i => Samples.Span($"é-{i}", i, attributes: $$"""{"text":"\"\\\u00e9 {}[],:","n":{{i}},"deep":[[{"a":null}],1.5]}"""))
            .ToList();
        var items = spans.Select(Format).ToList();
        foreach (var body in new[]
        {
            $"[{string.Join(" ,\n", items)}]",
            $"{{\"before\":{{\"x\":[1]}},\"spans\":[{string.Join(',', items)}],\"after\":\"]}}\",\"n\":12}}",
            string.Join('\n', items),
            $"\uFEFF\r\n{string.Join("\r\n", items)}\r\n",
        })
        {
            var read = await ReadAllAsync(new TrickleStream(Encoding.UTF8.GetBytes(body), () => piece));

            Assert.Null(read.Problem);
            Assert.Equal(spans.Count, read.Spans.Count);
            Assert.All(spans.Zip(read.Spans), pair => Assert.True(pair.First.IsSameAs(pair.Second)));
        }
    }

    [Fact]
    public async Task Whatever_byte_is_lost_the_reader_ends_with_a_problem_or_with_spans_and_never_throws()
    {
        var body = Encoding.UTF8.GetBytes($"{{\"a\":[1],\"spans\":[{Format(Samples.Span("a"))},{Format(Samples.Span("b"))}],\"z\":{{}}}}");
        for (var length = 0; length < body.Length; length++)
        {
            var read = await ReadAllAsync(new MemoryStream(body[..length]));

            Assert.True(read.Problem is { Kind: SpanProblemKind.Malformed }, $"{length}: {read.Problem}");
        }

        var random = new Random(7);
        for (var round = 0; round < 5_000; round++)
        {
            var broken = (byte[])body.Clone();
            broken[random.Next(broken.Length)] = (byte)random.Next(256);
            var read = await ReadAllAsync(new TrickleStream(broken, () => random.Next(1, 40)));

            Assert.True(read.Problem is not null || read.Spans.Count <= 2);
        }
    }

    [Theory]
    [InlineData("[\n{\"span_id\":\"a\",\"tool\":\"t\",\"start_ts\":1,\"end_ts\":2},\n{\"span_id\":\"b\",\n\"tool\":}]", "/1", 4)]
    [InlineData("{\"span_id\":\"a\",\"tool\":\"t\",\"start_ts\":1,\"end_ts\":2}\n\n\nx", "/1", 4)]
    public async Task A_mistake_in_the_json_is_found_on_its_line(string body, string pointer, long line)
    {
        var read = await ReadAllAsync(new MemoryStream(Encoding.UTF8.GetBytes(body)));

        Assert.Equal((pointer, line), (read.Problem!.Pointer, read.Problem.Line));
        Assert.Single(read.Spans);
        Assert.DoesNotContain("LineNumber", read.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[<Span>]")]
    [InlineData("<Span>")]
    [InlineData("{\"spans\":[<Span>]}")]
    [InlineData("{\"x\":<Long>,\"spans\":[]}")]
    [InlineData("{\"spans\":[],\"x\":<Long>}")]
    public async Task A_span_beyond_the_bound_is_refused_whatever_the_buffer_holds(string body)
    {
        var text = new string('x', 2_000);
        body = body.Replace("<Span>", $$"""{"span_id":"a","tool":"t","start_ts":1,"end_ts":2,"x":"{{text}}"}""", StringComparison.Ordinal).Replace("<Long>", $"\"{text}\"", StringComparison.Ordinal);
        using var reader = new SpanReader(new MemoryStream(Encoding.UTF8.GetBytes(body)), maxSpanBytes: 1_024);

        var batch = await reader.ReadAsync(10, TestContext.Current.CancellationToken);

        Assert.Equal(SpanProblemKind.TooLarge, batch.Problem?.Kind);
        Assert.Empty(batch.Spans);
    }

    [Theory]
    [InlineData("\"1690000000\"", 1_690_000_000)]
    [InlineData("1690000000.0", 1_690_000_000)]
    [InlineData("1.69e9", 1_690_000_000)]
    [InlineData("\"1690000000.0\"", 1_690_000_000)]
    public async Task A_time_that_is_whole_is_taken_however_it_is_written(string time, long read)
    {
        var body = $$"""[{"span_id":17,"parent_id":16,"tool":"t","start_ts":{{time}},"end_ts":{{time}}}]""";
        using var reader = new SpanReader(new MemoryStream(Encoding.UTF8.GetBytes(body)));

        var span = Assert.Single((await reader.ReadAsync(10, TestContext.Current.CancellationToken)).Spans);

        Assert.Equal(("17", "16", read, read), (span.SpanId, span.ParentId, span.StartTs, span.EndTs));
    }

    [Fact]
    public async Task A_batch_has_at_most_as_many_spans_as_asked_for_and_the_last_one_says_so()
    {
        using var reader = new SpanReader(new MemoryStream(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(0, 5).Select(i => Format(Samples.Span($"s{i}"))))}]")));

        var sizes = new List<int>();
        SpanBatch batch;
        do
        {
            batch = await reader.ReadAsync(2);
            sizes.Add(batch.Spans.Count);
        }
        while (!batch.IsLast);

        Assert.Equal([2, 2, 1], sizes);
        Assert.Empty((await reader.ReadAsync(2)).Spans);
    }

    [Fact]
    public async Task An_incident_id_in_capitals_and_a_digest_with_its_prefix_get_the_form_the_library_writes()
    {
        var zeros = new string('a', 64);
        var body = $$"""[{"span_id":"a","tool":"t","start_ts":1,"end_ts":2,"incident_id":"0190A8C2-5D1E-7C43-9B1F-2F6A4DE0C111","args_digest":"SHA256:{{zeros.ToUpperInvariant()}}","parent_id":null}]""";

        var span = Assert.Single((await ReadAllAsync(new MemoryStream(Encoding.UTF8.GetBytes(body)))).Spans);

        Assert.Equal("0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111", span.IncidentId);
        Assert.Equal(zeros, span.ArgsDigest);
        Assert.Null(span.ParentId);
    }

    [Fact]
    public async Task A_span_of_many_megabytes_that_arrives_in_small_pieces_is_read_in_linear_time_and_one_byte_more_is_refused()
    {
        const int max = 8 * 1024 * 1024;
        var frame = Format(Samples.Span("big", attributes: """{"x":""}"""));
        var fits = Encoding.UTF8.GetBytes(frame.Replace("\"x\":\"\"", $"\"x\":\"{new string('x', max - frame.Length - 1)}\"", StringComparison.Ordinal));
        var clock = Stopwatch.StartNew();

        using var reader = new SpanReader(new TrickleStream(fits, () => 1_400), max);
        var read = await reader.ReadAsync(10);
        using var strict = new SpanReader(new MemoryStream(fits), max / 2);
        var refused = await strict.ReadAsync(10);

        Assert.Single(read.Spans);
        Assert.Equal(SpanProblemKind.TooLarge, refused.Problem?.Kind);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public async Task A_long_body_is_read_no_further_ahead_than_one_buffer()
    {
        const int count = 200_000;
        var line = Encoding.UTF8.GetBytes(Format(Samples.Span("s")) + "\n");
        var source = new RepeatingStream(line, count);
        using var reader = new SpanReader(source);
        var seen = 0L;
        SpanBatch batch;
        do
        {
            batch = await reader.ReadAsync(1_000);
            seen += batch.Spans.Count;

            Assert.True(source.Given - (seen * line.Length) <= 256 * 1024);
        }
        while (!batch.IsLast);

        Assert.Equal(count, seen);
    }

    private static string Format(Span span) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"span_id\":\"{span.SpanId}\",\"tool\":\"{span.Tool}\",\"start_ts\":{span.StartTs},\"end_ts\":{span.EndTs},\"attributes\":{span.Attributes.GetRawText()}}}");

    private static async Task<(List<Span> Spans, SpanProblem? Problem)> ReadAllAsync(Stream body)
    {
        using var reader = new SpanReader(body);
        List<Span> spans = [];
        while (true)
        {
            var batch = await reader.ReadAsync(1_000);
            spans.AddRange(batch.Spans);
            if (batch.IsLast)
            {
                return (spans, batch.Problem);
            }
        }
    }

    private sealed class RepeatingStream(byte[] line, int times) : Stream
    {
        private long _left = (long)line.Length * times;

        public long Given => ((long)line.Length * times) - _left;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var written = 0;
            while (written < count && _left > 0)
            {
                var at = (int)(Given % line.Length);
                var piece = Math.Min(count - written, line.Length - at);
                line.AsSpan(at, piece).CopyTo(buffer.AsSpan(offset + written));
                written += piece;
                _left -= piece;
            }

            return written;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}

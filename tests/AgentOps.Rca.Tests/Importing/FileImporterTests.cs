using System.IO.Compression;
using System.Text;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Importing;

public sealed class FileImporterTests : IAsyncDisposable
{
    private const string Messages = """[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]""";

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("hello", "neither JSON nor OTLP")]
    [InlineData("{}", "It is JSON, and no trace of a known format.")]
    [InlineData("""{"b":1,"a":{"c":2}}""", "It is JSON with the members a, b, and no trace")]
    [InlineData("[1,2,3]", "It is JSON, and no trace of a known format.")]
    [InlineData("""{"resourceSpans":[]}""", "was read as otlp-json, and no run of an agent is in it.")]
    public async Task What_is_no_trace_is_refused_with_what_it_is_and_nothing_is_written(string file, string words)
    {
        var outcome = await _bench.TryAsync(Encoding.UTF8.GetBytes(file), new ImportRequest { Name = "a.json" });

        var reason = Assert.IsType<ImportOutcome.NotUnderstood>(outcome).Reason;
        Assert.Contains(words, reason, StringComparison.Ordinal);
        Assert.StartsWith("a.json", reason, StringComparison.Ordinal);
        Assert.Empty(await _bench.Get<IIncidentStore>().ListAsync(new IncidentQuery()).ToListAsync());
    }

    [Fact]
    public async Task An_archive_is_read_file_by_file_in_the_order_of_the_names()
    {
        var import = await _bench.ImportAsync(Zip(("b.json.gz", Gzip(Encoding.UTF8.GetBytes(Messages))), ("a/readme.md", "# Hi"u8.ToArray()), ("a/c.json", Encoding.UTF8.GetBytes(Messages.Replace("Hello", "Bye", StringComparison.Ordinal)))));

        Assert.Equal([new("a/c.json", "messages", 2, 2), new ImportedFile("b.json.gz", "messages", 2, 2)], import.Files);
        Assert.Equal("a/readme.md", Assert.Single(import.LeftOut).First.Member);
        Assert.Equal("b.json.gz:1 /1", _bench.Places[2].Place.ToString());
        Assert.Equal(2, import.RunCount);
    }

    [Fact]
    public async Task Each_run_of_a_file_has_an_incident_of_its_own_where_that_is_asked_for()
    {
        string[] conversations = [.. Enumerable.Range(0, 3).Select(static number => $$"""{"messages":[{"role":"user","content":"Hi {{number}}"},{"role":"assistant","content":"Hello"}]}""")];
        var file = Encoding.UTF8.GetBytes(string.Join('\n', conversations));

        var import = await _bench.ImportAsync(file, new ImportRequest { IncidentPerRun = true });

        Assert.Equal([(2L, 1L), (2L, 2L), (2L, 3L)], import.Incidents.Select(static one => (one.Spans, one.First.Line)));
        Assert.All(import.Incidents, static one => Assert.True(one.IsCreated));
        Assert.Equal(import.Runs, import.Incidents.Select(static one => one.Run));
        Assert.Equal((import.Incidents[0].Id, true), (import.IncidentId, import.IncidentCreated));
        foreach (var one in import.Incidents)
        {
            Assert.NotNull(await _bench.Get<IIncidentStore>().GetAsync(one.Id));
            var spans = await _bench.Get<ISpanStore>().ListAsync(new SpanQuery { IncidentId = one.Id.ToString("D") }).ToListAsync();
            Assert.Equal(2, spans.Count);
            Assert.All(spans, span => Assert.StartsWith(one.Run, span.SpanId, StringComparison.Ordinal));
        }

        // By itself each is the same incident, and together they are that of the first, whose spans are there.
        var alone = await _bench.ImportAsync(Encoding.UTF8.GetBytes(conversations[1]));
        Assert.Equal((import.Incidents[1].Id, false, 2), (alone.IncidentId, alone.IncidentCreated, (int)alone.SpansKnown));
        var together = await _bench.ImportAsync(file);
        Assert.Equal((import.IncidentId, 1, 2, 4), (together.IncidentId, together.Incidents.Count, (int)together.SpansKnown, (int)together.SpansRefused));
    }

    [Fact]
    public async Task Spans_that_were_here_before_get_the_incident_of_their_run()
    {
        string[] conversations = [.. Enumerable.Range(0, 2).Select(static number => $$"""{"messages":[{"role":"user","content":"Hi {{number}}"},{"role":"assistant","content":"Hello"}]}""")];
        var file = Encoding.UTF8.GetBytes(string.Join('\n', conversations));
        Assert.Empty((await _bench.ImportAsync(file, new ImportRequest { OpensIncident = false })).Incidents);

        var import = await _bench.ImportAsync(file, new ImportRequest { IncidentPerRun = true });

        Assert.Equal((0, 4, 0), ((int)import.SpansAdded, (int)import.SpansKnown, (int)import.SpansRefused));
        foreach (var one in import.Incidents)
        {
            Assert.Equal(2, await _bench.Get<ISpanStore>().ListAsync(new SpanQuery { IncidentId = one.Id.ToString("D") }).CountAsync());
        }
    }

    [Fact]
    public async Task Of_very_many_runs_the_first_have_incidents_and_the_spans_of_the_others_none()
    {
        var file = string.Join('\n', Enumerable.Range(0, FileImport.MostRuns + 5).Select(static number => $$"""{"messages":[{"role":"user","content":"Hi {{number}}"},{"role":"assistant","content":"Hello"}]}"""));

        var import = await _bench.ImportAsync(Encoding.UTF8.GetBytes(file), new ImportRequest { IncidentPerRun = true });

        Assert.Equal((FileImport.MostRuns, FileImport.MostRuns + 5), (import.Incidents.Count, (int)import.RunCount));
        Assert.Equal(2 * (FileImport.MostRuns + 5), import.SpansAdded);
        Assert.Equal(2 * FileImport.MostRuns, import.Incidents.Sum(static one => one.Spans));
    }

    [Fact]
    public async Task Traces_of_OpenTelemetry_stay_together()
    {
        const string Otlp = """
            {"resourceSpans":[{"scopeSpans":[{"spans":[
              {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"a","kind":1,"startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225600100000000"},
              {"traceId":"1af7651916cd43dd8448eb211c80319c","spanId":"c7ad6b7169203331","name":"b","kind":1,"startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225600100000000"}]}]}]}
            """;

        var import = await _bench.ImportAsync(Encoding.UTF8.GetBytes(Otlp), new ImportRequest { IncidentPerRun = true });

        Assert.Equal((2L, 2L), (import.RunCount, Assert.Single(import.Incidents).Spans));
    }

    [Fact]
    public async Task A_bomb_is_refused()
    {
        var bomb = Bomb(100);
        Assert.Contains("unpack to more than", Assert.IsType<ImportOutcome.TooLarge>(await _bench.TryAsync(Zip(("a", bomb)))).Reason, StringComparison.Ordinal);
        Assert.IsType<ImportOutcome.TooLarge>(await _bench.TryAsync(bomb));
        var nested = Enumerable.Range(0, 5).Aggregate(Encoding.UTF8.GetBytes(Messages), (inner, _) => Gzip(inner));
        Assert.Contains("packed more than", Assert.IsType<ImportOutcome.TooLarge>(await _bench.TryAsync(nested)).Reason, StringComparison.Ordinal);
        Assert.Contains("archive within", Assert.IsType<ImportOutcome.TooLarge>(await _bench.TryAsync(Zip(("a", Zip(("b", bomb)))))).Reason, StringComparison.Ordinal);
        Assert.IsType<ImportOutcome.TooLarge>(await _bench.TryAsync(Encoding.UTF8.GetBytes(Messages), new ImportRequest { MostBytes = 10 }));
    }

    [Fact]
    public async Task A_stream_that_cannot_seek_is_read_to_its_end()
    {
        using var packed = new MemoryStream(Gzip(Encoding.UTF8.GetBytes(Messages)));
        await using var stream = new GZipStream(packed, CompressionMode.Decompress);

        var outcome = await _bench.Get<IFileImporter>().ImportAsync(stream);

        Assert.Equal(2, Assert.IsType<ImportOutcome.Imported>(outcome).Import.SpansAdded);
    }

    [Fact]
    public async Task Spans_go_into_the_incident_that_is_named_or_into_none()
    {
        var missing = Guid.NewGuid();
        Assert.Equal(new ImportOutcome.UnknownIncident(missing), await _bench.TryAsync(Encoding.UTF8.GetBytes(Messages), new ImportRequest { IncidentId = missing }));
        var none = await _bench.ImportAsync(Messages, new ImportRequest { OpensIncident = false });
        Assert.Null(none.IncidentId);

        var opened = Assert.IsType<IncidentOutcome.Opened>(await _bench.Get<IIncidentOpener>().OpenAsync(new NewIncident { ProblemType = "odd" }));
        var into = await _bench.ImportAsync(Messages, new ImportRequest { IncidentId = opened.Incident.Id });

        Assert.Equal((0, 2, false), (into.SpansAdded, into.SpansKnown, into.IncidentCreated));
        Assert.Equal(2, (await _bench.SpansAsync(opened.Incident.Id)).Count);
        Assert.Equal("problem_type", Assert.IsType<ImportOutcome.Invalid>(await _bench.TryAsync([], new ImportRequest { ProblemType = " " })).Member);
    }

    [Fact]
    public async Task Progress_is_told()
    {
        List<ImportProgress> told = [];
        var progress = NSubstitute.Substitute.For<IProgress<ImportProgress>>();
        NSubstitute.SubstituteExtensions.When(progress, one => one.Report(NSubstitute.Arg.Any<ImportProgress>())).Do(call => told.Add((ImportProgress)call.Args()[0]));

        await _bench.ImportAsync(Messages, new ImportRequest { Progress = progress });

        Assert.Equal(2, Assert.Single(told).Spans);
    }

    private static byte[] Bomb(int mebibytes)
    {
        var part = new byte[1024 * 1024];
        part.AsSpan().Fill((byte)'a');
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write("""[{"role":"user","content":" """u8);
            for (var i = 0; i < mebibytes; i++)
            {
                gzip.Write(part);
            }
        }

        return packed.ToArray();
    }

    internal static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    internal static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return packed.ToArray();
    }
}

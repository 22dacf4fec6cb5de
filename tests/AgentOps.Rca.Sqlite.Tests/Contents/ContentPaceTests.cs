using System.Diagnostics;
using AgentOps.Rca.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Sqlite.Tests.Contents;

/// <summary>The short form of the benchmark <c>content</c>: it fails when content costs more than twice what it does.</summary>
public sealed class ContentPaceTests
{
    private const int SpansPerRequest = 1_000;
    private const int Rounds = 10;

    // About two and a half times; with a file for each content it was more than ten.
    private const double MostTimes = 6;

    [Fact]
    public async Task Spans_with_their_content_take_not_much_longer_than_spans_without()
    {
        using var file = new TemporaryFile();
        var services = new ServiceCollection();
        services.AddAgentOpsRca(options => options.ArtifactDirectory = Path.Combine(Path.GetDirectoryName(file.Path)!, "artifacts")).UseSqlite(file.Path);
        await using var provider = services.BuildServiceProvider();
        var intake = provider.GetRequiredService<OtlpIntake>();
        var (with, without) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            // The first rounds warm the code up; the best of each was disturbed least.
            without = Math.Min(without, await TakeAsync(intake, AgentRequest.Make(SpansPerRequest, (2 * round) + 1, hasContent: false)));
            with = Math.Min(with, await TakeAsync(intake, AgentRequest.Make(SpansPerRequest, (2 * round) + 2)));
        }

        Assert.InRange(with / without, 0, MostTimes);
    }

    private static async Task<double> TakeAsync(OtlpIntake intake, byte[] request)
    {
        var watch = Stopwatch.StartNew();
        var outcome = await intake.TakeTracesAsync(request, OtlpEncoding.Json);
        Assert.Equal(SpansPerRequest, outcome.Added);
        return watch.Elapsed.TotalMilliseconds;
    }
}

using System.Diagnostics.Metrics;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Retention;
using AgentOps.Rca.Telemetry;
using AgentOps.Rca.Tests.Artifacts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tests.Retention;

public sealed class OrphanedContentTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Old_orphans_are_collected_and_all_that_has_a_row_stays_readable()
    {
        await using var provider = Build();
        var vault = provider.GetRequiredService<ArtifactVault>();
        List<ArtifactDigest> kept = [];
        for (var i = 0; i < 250; i++)
        {
            kept.Add((await vault.PutAsync(BitConverter.GetBytes(i), "text/plain", cancellationToken: Token)).Artifact.Digest);
        }

        var contents = provider.GetRequiredService<IArtifactContentStore>();
        List<ArtifactDigest> orphans = [];
        for (var i = 1_000; i < 1_070; i++)
        {
            orphans.Add((await contents.WriteAsync(new MemoryStream(BitConverter.GetBytes(i)), expected: null, Token)).Digest);
        }

        Age(TimeSpan.FromHours(25));
        var young = (await contents.WriteAsync(new MemoryStream([1, 2, 3]), expected: null, Token)).Digest;

        var service = Assert.Single(provider.GetServices<IHostedService>().OfType<OrphanedContentService>());
        Assert.Equal(70, await service.SweepAsync(Token));
        Assert.Equal(0, await service.SweepAsync(Token));

        foreach (var digest in kept)
        {
            Assert.Null(await vault.CheckAsync(digest, Token));
        }

        foreach (var digest in orphans)
        {
            Assert.Null(await contents.OpenAsync(digest, Token));
        }

        await using var stream = await contents.OpenAsync(young, Token);
        Assert.NotNull(stream);
    }

    [Fact]
    public async Task Nothing_is_deleted_while_rows_do_not_show()
    {
        await using var provider = Build(services => services.AddSingleton<IArtifactStore>(new HiddenRows()));
        var digest = (await provider.GetRequiredService<IArtifactContentStore>().WriteAsync(new MemoryStream([1]), expected: null, Token)).Digest;
        Age(TimeSpan.FromDays(9));
        var service = Assert.Single(provider.GetServices<IHostedService>().OfType<OrphanedContentService>());
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await service.SweepAsync(Token));
        await using var stream = await provider.GetRequiredService<IArtifactContentStore>().OpenAsync(digest, Token);
        Assert.NotNull(stream);
    }

    [Fact]
    public async Task Content_that_cannot_be_collected_is_left_and_the_host_runs()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IArtifactContentStore>(new OtherContents());
        services.AddAgentOpsRca().UseInMemory().CollectOrphanedContentAfter();
        await using var provider = services.BuildServiceProvider();
        var service = Assert.Single(provider.GetServices<IHostedService>().OfType<OrphanedContentService>());
        await service.StartAsync(Token);
        await service.ExecuteTask!;
        Assert.Equal(0, await service.SweepAsync(Token));
    }

    [Fact]
    public void Nothing_is_collected_unless_it_is_asked_for()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory().DropBaselineAfter(TimeSpan.FromDays(1));
        using var provider = services.BuildServiceProvider();
        Assert.Empty(provider.GetServices<IHostedService>().OfType<OrphanedContentService>());
        Assert.Null(provider.GetRequiredService<IOptions<RetentionOptions>>().Value.OrphanedContentAge);
    }

    [Fact]
    public void It_is_collected_after_a_day_and_an_age_below_an_hour_stops_the_start()
    {
        using var provider = Build();
        Assert.Equal(TimeSpan.FromDays(1), provider.GetRequiredService<IOptions<RetentionOptions>>().Value.OrphanedContentAge);

        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory().CollectOrphanedContentAfter(TimeSpan.FromMinutes(59));
        using var hasty = services.BuildServiceProvider();
        Assert.Throws<OptionsValidationException>(() => hasty.GetRequiredService<IOptions<RetentionOptions>>().Value);
    }

    [Fact]
    public async Task What_was_deleted_is_counted_by_the_meter()
    {
        await using var provider = Build(services => services.AddMetrics());
        using var meters = new CountListener(provider.GetRequiredService<IMeterFactory>());
        var contents = provider.GetRequiredService<IArtifactContentStore>();
        for (byte i = 0; i < 3; i++)
        {
            await contents.WriteAsync(new MemoryStream([i]), expected: null, Token);
        }

        Age(TimeSpan.FromHours(25));
        var service = Assert.Single(provider.GetServices<IHostedService>().OfType<OrphanedContentService>());
        Assert.Equal(3, await service.SweepAsync(Token));
        Assert.Equal((RcaTelemetry.CollectedContents, 3L), Assert.Single(meters.Totals));
        await service.SweepAsync(Token);
        Assert.Equal((RcaTelemetry.CollectedContents, 3L), Assert.Single(meters.Totals));
    }

    private ServiceProvider Build(Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        configure?.Invoke(services);
        services.AddAgentOpsRca(options => options.ArtifactDirectory = Path.Combine(_directory.Path, "artifacts"))
            .UseInMemory()
            .CollectOrphanedContentAfter(configure: options => (options.Pause, options.BatchSize) = (TimeSpan.Zero, 40));
        return services.BuildServiceProvider();
    }

    private void Age(TimeSpan age)
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(_directory.Path, "artifacts"), "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, (TimeProvider.System.GetUtcNow() - age).UtcDateTime);
        }
    }

    private sealed class OtherContents : IArtifactContentStore
    {
        public ValueTask<StoredContent> WriteAsync(
            Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }

    private sealed class HiddenRows : IArtifactStore
    {
        public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(WriteOutcome.Added);

        public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<Artifact?>(null);

        public IAsyncEnumerable<Artifact> FindAsync(
            IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Artifact>();
    }
}

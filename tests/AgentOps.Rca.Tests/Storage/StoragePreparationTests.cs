using AgentOps.Rca.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Storage;

public sealed class StoragePreparationTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_registered_once_and_prepares_the_backend_before_the_start_is_over()
    {
        var prepared = 0;
        await using var provider = Build(_ =>
        {
            prepared++;
            return ValueTask.CompletedTask;
        });

        await Find(provider).StartAsync(TestToken);

        Assert.Equal(1, prepared);
    }

    [Fact]
    public async Task A_backend_without_preparation_starts()
    {
        await using var provider = Build(prepare: null);
        await Find(provider).StartAsync(TestToken);
    }

    [Fact]
    public async Task A_store_that_is_down_does_not_stop_the_start_and_is_prepared_when_it_is_back()
    {
        var isDown = true;
        var prepared = new TaskCompletionSource();
        await using var provider = Build(_ =>
        {
            if (isDown)
            {
                throw new StoreUnavailableException("The store is down.") { RetryAfter = TimeSpan.FromSeconds(7) };
            }

            prepared.SetResult();
            return ValueTask.CompletedTask;
        });

        await Find(provider).StartAsync(TestToken);
        Assert.False(prepared.Task.IsCompleted);

        isDown = false;
        while (!prepared.Task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestToken);
        }
    }

    [Fact]
    public async Task A_store_that_does_not_answer_holds_the_start_up_no_longer_than_its_patience()
    {
        await using var provider = Build(token => new ValueTask(Task.Delay(Timeout.InfiniteTimeSpan, token)));
        var preparation = Find(provider);

        var start = preparation.StartAsync(TestToken);
        Assert.False(start.IsCompleted);
        while (!start.IsCompleted)
        {
            _time.Advance(StoragePreparation.Patience);
            await Task.Delay(1, TestToken);
        }

        await start;
        await preparation.StopAsync(TestToken);
    }

    [Fact]
    public async Task A_wrong_set_up_stops_the_start_with_its_sentence()
    {
        await using var provider = Build(_ => throw new StoreSetupException("The key is the wrong one."));

        var failure = await Assert.ThrowsAsync<StoreSetupException>(() => Find(provider).StartAsync(TestToken));

        Assert.Equal("The key is the wrong one.", failure.Message);
    }

    private static StoragePreparation Find(IServiceProvider provider) =>
        Assert.Single(provider.GetServices<IHostedService>().OfType<StoragePreparation>());

    private ServiceProvider Build(Func<CancellationToken, ValueTask>? prepare)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(_time);
        services.AddAgentOpsRca();
        services.AddAgentOpsRca().UseStorage(_ => new OwnBackend(prepare: prepare));
        return services.BuildServiceProvider();
    }
}

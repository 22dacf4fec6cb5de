using System.Reflection;

namespace AgentOps.Rca.Testing;

/// <summary>What the suites share: a fresh set of stores for each test, and the rule that a skip says why.</summary>
/// <param name="backend">The backend under test, a class fixture of the concrete suite.</param>
public abstract class StoreSuite(StoreBackend backend) : IAsyncLifetime
{
    /// <summary>How many callers race in the tests of concurrency.</summary>
    protected const int Racers = 64;

    private StoreSet? _stores;

    /// <summary>The stores of the running test.</summary>
    protected StoreSet Stores => _stores ?? throw new InvalidOperationException("The test has not started.");

    /// <summary>The backend under test.</summary>
    protected StoreBackend Backend => backend;

    /// <summary>The token that ends a hanging test run.</summary>
    protected static CancellationToken TestToken => TestContext.Current.CancellationToken;

    /// <summary>The store whose type the suite's <see cref="StoreUnderTestAttribute"/> names.</summary>
    protected abstract object StoreUnderTest { get; }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Requires(backend.Unavailable is null, $"{backend.Name} is not available: {backend.Unavailable}");
        _stores = await backend.CreateAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_stores is not null)
        {
            await _stores.DisposeAsync();
        }
    }

    [Fact]
    public void The_store_under_test_is_the_one_the_suite_names() =>
        Assert.Equal(GetType().GetCustomAttribute<StoreUnderTestAttribute>()?.StoreType, StoreUnderTest.GetType());

    /// <summary>Skips the test, saying why, where a capability is missing by nature.</summary>
    protected void SkipUnless(bool capability, string what) => Assert.SkipUnless(capability, $"{backend.Name} {what}.");

    /// <summary>Starts the same work many times at once and gathers the answers.</summary>
    protected static async Task<T[]> RaceAsync<T>(Func<int, Task<T>> work, int racers = Racers)
    {
        ArgumentNullException.ThrowIfNull(work);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = Enumerable.Range(0, racers).Select(async racer =>
        {
            await start.Task;
            return await work(racer);
        }).ToArray();
        start.SetResult();
        return await Task.WhenAll(runs);
    }

    /// <summary>All of a listing.</summary>
    protected static async Task<List<T>> ReadAllAsync<T>(IAsyncEnumerable<T> listing)
    {
        ArgumentNullException.ThrowIfNull(listing);
        List<T> all = [];
        await foreach (var item in listing)
        {
            all.Add(item);
        }

        return all;
    }

    private static void Requires(bool met, string otherwise)
    {
        if (!met && Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1")
        {
            Assert.Fail(otherwise);
        }

        Assert.SkipUnless(met, otherwise);
    }
}

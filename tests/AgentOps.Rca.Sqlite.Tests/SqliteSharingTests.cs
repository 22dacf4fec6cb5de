using System.Diagnostics.CodeAnalysis;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Sqlite.Tests;

public sealed class SqliteSharingTests
{
    [Fact]
    public async Task Two_openers_of_one_file_lose_nothing_and_store_nothing_twice()
    {
        const int Batches = 40;
        const int BatchSize = 50;
        using var file = new TemporaryFile();
        await using var one = new SqliteStores(file.Path);
        await using var other = new SqliteStores(file.Path);

        // Half of each batch is also in the other's batch.
        var results = await Task.WhenAll(Enumerable.Range(0, 2 * Batches).Select(i => Task.Run(async () =>
        {
            var first = i / 2 * BatchSize + i % 2 * BatchSize / 2;
            var batch = Enumerable.Range(first, BatchSize).Select(n => Samples.Span($"s{n:00000}", n)).ToArray();
            return await (i % 2 == 0 ? one : other).Spans.AddAsync(batch);
        })));

        const int Distinct = Batches * BatchSize + BatchSize / 2;
        Assert.Equal(Distinct, results.Sum(result => result.Added));
        Assert.Equal(2 * Batches * BatchSize - Distinct, results.Sum(result => result.Duplicates));
        foreach (var stores in (SqliteStores[])[one, other])
        {
            var listed = new List<string>();
            await foreach (var span in stores.Spans.ListAsync(new SpanQuery()))
            {
                listed.Add(span.SpanId);
            }

            Assert.Equal(Enumerable.Range(0, Distinct).Select(n => $"s{n:00000}"), listed);
        }
    }

    [Fact]
    public async Task Many_may_open_a_new_file_at_once()
    {
        using var file = new TemporaryFile();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            await using var stores = new SqliteStores(file.Path);
            return await stores.Incidents.AddAsync(Samples.Incident(i % 2));
        })));
        Assert.Equal(2, outcomes.Count(outcome => outcome == WriteOutcome.Added));
    }

    [Fact]
    public async Task Of_two_openers_exactly_one_changes_a_status()
    {
        using var file = new TemporaryFile();
        await using var one = new SqliteStores(file.Path);
        await using var other = new SqliteStores(file.Path);
        await one.Incidents.AddAsync(Samples.Incident(1));
        var changed = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            async () => await (i % 2 == 0 ? one : other).Incidents.TrySetStatusAsync(Samples.Id(1), "open", $"by-{i}"))));
        Assert.Single(changed, won => won);
    }

    [Fact]
    public async Task Writes_that_were_accepted_are_finished_before_the_file_is_closed()
    {
        using var file = new TemporaryFile();
        var stores = new SqliteStores(file.Path);
        var writes = Enumerable.Range(0, 200).Select(i => stores.Spans.AddAsync([Samples.Span($"s{i}")]).AsTask()).ToArray();
        await stores.DisposeAsync();
        Assert.All(await Task.WhenAll(writes), result => Assert.Equal(1, result.Added));
        Assert.Equal([file.Path], Directory.GetFiles(Path.GetDirectoryName(file.Path)!));
    }

    [Fact]
    public async Task The_file_and_what_stands_beside_it_are_their_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Modes of files are those of Unix.");
            return;
        }

        using var file = new TemporaryFile();
        var path = Path.Combine(Path.GetDirectoryName(file.Path)!, "made", "here.db");
        await using var stores = new SqliteStores(path);
        await stores.Spans.AddAsync([Samples.Span("a")]);
        const UnixFileMode others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.GetDirectoryName(path)!) & others);
        foreach (var one in Directory.GetFiles(Path.GetDirectoryName(path)!))
        {
            Assert.Equal((one, UnixFileMode.None), (one, File.GetUnixFileMode(one) & others));
        }
    }

    [Fact]
    public async Task A_store_closes_on_a_thread_whose_own_work_waits_for_it()
    {
        using var file = new TemporaryFile();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            // As on the thread of a window: what is posted to it runs when it has time, and it has none.
            SynchronizationContext.SetSynchronizationContext(new BusyContext());
            var stores = new SqliteStores(file.Path);
            var adding = stores.Spans.AddAsync([Samples.Span("a")]).AsTask();
            stores.Dispose();
            closed.SetResult();
            adding.GetAwaiter().GetResult();
        })
        { IsBackground = true };
        thread.Start();
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private sealed class BusyContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    [Fact]
    [SuppressMessage("Usage", "CA1849", Justification = "A container that is disposed synchronously needs the synchronous way.")]
    public async Task A_store_that_is_closed_says_so()
    {
        using var file = new TemporaryFile();
        var stores = new SqliteStores(file.Path);
        await stores.Spans.AddAsync([Samples.Span("a")]);
        stores.Dispose();
        stores.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stores.Spans.AddAsync([Samples.Span("b")]));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stores.Spans.GetAsync("a"));
    }
}

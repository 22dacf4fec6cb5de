using System.Collections.Concurrent;

namespace AgentOps.Rca.ArtifactWriter;

/// <summary>Runs what follows an await on the calling thread.</summary>
internal sealed class OneThread : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];

    public static int Run(Func<Task<int>> action)
    {
        using var context = new OneThread();
        SetSynchronizationContext(context);
        var task = action();
        task.ContinueWith(_ => context._work.CompleteAdding(), TaskScheduler.Default);
        foreach (var (callback, state) in context._work.GetConsumingEnumerable())
        {
            callback(state);
        }

        return task.GetAwaiter().GetResult();
    }

    public override void Post(SendOrPostCallback d, object? state) => _work.Add((d, state));

    public void Dispose() => _work.Dispose();
}

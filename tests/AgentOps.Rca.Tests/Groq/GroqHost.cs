using System.Collections.Concurrent;
using AgentOps.Rca.Groq;
using AgentOps.Rca.Testing.Groq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Tests.Groq;

/// <summary>A provider with the Groq client in it, a scripted server behind it, its log and its waits.</summary>
internal sealed class GroqHost : IAsyncDisposable
{
    public const string Key = "gsk_test0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH";

    private readonly ServiceProvider _services;

    public GroqHost(Action<GroqOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var collection = new ServiceCollection();
        collection.AddSingleton<TimeProvider>(Time);
        collection.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        collection.AddGroq();
        collection.Configure<GroqOptions>(options =>
        {
            options.ApiKey = Key;
            options.Endpoint = Server.Endpoint;
            options.Models = ["openai/gpt-oss-120b"];
            configure?.Invoke(options);
        });
        services?.Invoke(collection);
        _services = collection.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public ScriptedGroqServer Server { get; } = ScriptedGroqServer.Start();

    public QuickTimeProvider Time { get; } = new();

    public TestLog Log { get; } = new();

    public GroqChatClient Client => _services.GetRequiredService<GroqChatClient>();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Server.DisposeAsync();
        Log.Dispose();
    }
}

/// <summary>
/// Waits of up to 45 seconds pass at once and are noted; longer ones are limits, of which those up to two minutes take their time
/// divided by <see cref="LimitDivisor"/>.
/// </summary>
internal sealed class QuickTimeProvider : TimeProvider
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(45);

    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public double LimitDivisor { get; set; } = 1;

    public TimeSpan Offset { get; set; }

    /// <summary>Where the clock stands still, or null when it runs.</summary>
    public DateTimeOffset? Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now ?? (base.GetUtcNow() + Offset);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero && dueTime <= LongestWait)
        {
            Waits.Enqueue(dueTime);
            dueTime = TimeSpan.Zero;
        }

        return new LimitTimer(base.CreateTimer(callback, state, Shorten(dueTime), period), this);
    }

    private TimeSpan Shorten(TimeSpan limit) => limit > LongestWait && limit <= TimeSpan.FromMinutes(2) ? limit / LimitDivisor : limit;

    // Polly starts its timeouts without a time, and sets it afterwards.
    private sealed class LimitTimer(ITimer inner, QuickTimeProvider time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(time.Shorten(dueTime), period);

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

internal sealed class TestLog : ILoggerProvider
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private sealed class Logger(TestLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));
    }
}

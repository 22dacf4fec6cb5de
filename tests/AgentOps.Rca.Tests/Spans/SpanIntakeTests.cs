using System.Text.RegularExpressions;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.Logging;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace AgentOps.Rca.Tests.Spans;

public sealed partial class SpanIntakeTests
{
    private readonly InMemorySpanStore _store = new();

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_are_stored_before_the_observers_are_told_of_them()
    {
        var observer = new Watcher(spans => Assert.NotNull(_store.GetAsync(spans[0].SpanId, TestToken).AsTask().Result));
        var written = await new SpanIntake(_store, [observer]).AddAsync([Samples.Span("a"), Samples.Span("b")], TestToken);
        Assert.Equal((2, 0), (written.Added, written.Duplicates));
        Assert.Equal(["a", "b"], observer.Told);
    }

    [Fact]
    public async Task An_observer_that_fails_is_logged_and_nobody_else_notices()
    {
        var logger = new Entries();
        var second = new Watcher(_ => { });
        var first = new Watcher(_ => throw new InvalidOperationException("I am broken."));
        var written = await new SpanIntake(_store, [first, second], links: null, logger).AddAsync([Samples.Span("a")], TestToken);
        Assert.Equal(1, written.Added);
        Assert.Equal(["a"], second.Told);
        var (level, sentence, exception) = Assert.Single(logger.All);
        Assert.Equal((LogLevel.Error, "Watcher could not be told of 1 span(s) that are stored, the first of them a."), (level, sentence));
        Assert.Equal("I am broken.", exception?.Message);
    }

    [Fact]
    public async Task Observers_are_told_of_what_is_stored_and_not_of_what_was_refused()
    {
        await _store.AddAsync([Samples.Span("known"), Samples.Span("taken")], TestToken);
        var observer = new Watcher(_ => { });
        var written = await new SpanIntake(_store, [observer]).AddAsync(
            [Samples.Span("new"), Samples.Span("taken", tool: "other"), Samples.Span("known"), Samples.Span("twice"), Samples.Span("twice", tool: "other")], TestToken);
        Assert.Equal(["taken", "twice"], written.Conflicts);
        Assert.Equal(["new", "known", "twice"], observer.Told);
    }

    [Fact]
    public async Task Nobody_is_told_when_the_store_fails()
    {
        var store = Substitute.For<ISpanStore>();
        store.AddAsync(default!, TestToken).ThrowsAsyncForAnyArgs(new StoreUnavailableException("down"));
        var observer = new Watcher(_ => { });
        await Assert.ThrowsAsync<StoreUnavailableException>(() => new SpanIntake(store, [observer]).AddAsync([Samples.Span("a")], TestToken).AsTask());
        Assert.Empty(observer.Told);
    }

    [Fact]
    public async Task A_log_record_gets_the_incident_of_its_call_whichever_comes_first()
    {
        const string call = "0123456789abcdef0123456789abcdef:0123456789abcdef";
        var intake = new SpanIntake(_store, links: new SpanLogLinks(_store, _store));
        await intake.AddAsync([Samples.Span(call + ":1", tool: ToolNames.Log) with { ParentId = call }], TestToken);
        await intake.AddAsync([Samples.Span(call, incidentId: "i")], TestToken);
        await intake.AddAsync([Samples.Span(call + ":2", tool: ToolNames.Log) with { ParentId = call }], TestToken);
        Assert.Equal(3, await _store.CountAsync("i", TestToken));
    }

    /// <summary>Who stores spans past the intake has its own half of telling observers and linking logs.</summary>
    [Fact]
    public void Nothing_but_the_intake_writes_to_the_store_of_spans()
    {
        var source = Path.Combine(RepositoryRoot(), "src");
        var writers = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Place: Path.GetRelativePath(source, file).Replace('\\', '/'), Text: File.ReadAllText(file)))
            // What tests a store writes to it.
            .Where(static file => !file.Place.Contains("/obj/", StringComparison.Ordinal) && !file.Place.StartsWith("AgentOps.Rca.Testing/", StringComparison.Ordinal))
            .SelectMany(static file => SpanStoreNames().Matches(file.Text)
                .Select(name => name.Groups[1].Success ? name.Groups[1].Value : name.Groups[2].Value).Distinct(StringComparer.Ordinal)
                .Where(name => Regex.IsMatch(file.Text, $@"(?<![\w.]){name}\s*\.\s*AddAsync\(", RegexOptions.None, TimeSpan.FromSeconds(5)))
                .Select(_ => file.Place))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        Assert.Equal(["AgentOps.Rca/Spans/SpanIntake.cs", "AgentOps.Rca/Storage/Scoped/ScopedSpanStore.cs"], writers);
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "AgentOps.Rca.sln")))
        {
            directory = directory.Parent;
        }

        return directory.FullName;
    }

    // A field, parameter or variable of the type; `own` is what the scoped store calls the one it stands for.
    [GeneratedRegex(@"(?:\bISpanStore\??|\bSpanStore\??)\s+(\w+)|\b(own)\b(?= => own\.AddAsync)")]
    private static partial Regex SpanStoreNames();

    private sealed class Watcher(Action<IReadOnlyList<Span>> action) : ISpanObserver
    {
        public List<string> Told { get; } = [];

        public void OnStored(IReadOnlyList<Span> spans)
        {
            Told.AddRange(spans.Select(span => span.SpanId));
            action(spans);
        }
    }

    private sealed class Entries : ILogger<SpanIntake>
    {
        public List<(LogLevel Level, string Sentence, Exception? Exception)> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add((logLevel, formatter(state, exception), exception));
    }
}

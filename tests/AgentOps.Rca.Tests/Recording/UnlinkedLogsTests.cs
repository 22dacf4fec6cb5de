using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Tests.Recording;

/// <summary>Spans that are stored are not called lost because their log records could not be looked up.</summary>
public sealed class UnlinkedLogsTests : ILogger<AgentRecorder>
{
    private readonly InMemorySpanStore _store = new();
    private readonly List<string> _told = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(typeof(StoreUnavailableException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task A_call_whose_span_is_stored_is_told_as_recorded_when_linking_its_logs_fails(Type fault)
    {
        var recorder = new AgentRecorder(
            Intake((Exception)Activator.CreateInstance(fault)!),
            new ArtifactVault(new InMemoryArtifactStore(), new InMemoryArtifactContentStore(), TimeProvider.System), TimeProvider.System, this);
        await using (recorder.StartRun("orders", Guid.NewGuid()))
        {
            await recorder.Wrap(AIFunctionFactory.Create(() => 7, "fine")).InvokeAsync(cancellationToken: Token);
        }

        Assert.Equal((2, 0L), (await _store.ListAsync(new SpanQuery(), Token).CountAsync(Token), recorder.Failures));
        Assert.Equal(2, _told.Count);
        Assert.All(_told, sentence => Assert.Matches("^The call .+ is recorded as .+; its log records could not be brought into its incident[.]$", sentence));
    }

    [Fact]
    public async Task Whoever_can_send_the_spans_again_is_asked_to_and_told_that_they_are_stored()
    {
        var busy = new StoreUnavailableException("busy") { RetryAfter = TimeSpan.FromSeconds(9) };
        var told = await Assert.ThrowsAsync<SpansNotLinkedException>(
            async () => await Intake(busy).AddAsync([new Span { SpanId = CallId, Tool = "t", StartTs = 1, EndTs = 2, IncidentId = "i" }], Token));
        Assert.StartsWith("The spans are stored", told.Message, StringComparison.Ordinal);
        Assert.Equal((busy.RetryAfter, busy), (told.RetryAfter, told.InnerException));
        Assert.NotNull(await _store.GetAsync(CallId, Token));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _told.Add(formatter(state, exception));

    private const string CallId = "0123456789abcdef0123456789abcdef:0123456789abcdef";

    // A store that takes spans, and fails when it is asked for log records.
    private SpanIntake Intake(Exception fault) => new(_store, links: new SpanLogLinks(new NoListing(_store, fault), _store));

    private sealed class NoListing(ISpanStore inner, Exception fault) : ISpanStore
    {
        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) => inner.AddAsync(spans, cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => inner.GetAsync(spanId, cancellationToken);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => throw fault;
    }
}

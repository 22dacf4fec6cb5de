using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Importing;

/// <summary>The library with everything in memory, and what an import left in it.</summary>
internal sealed class ImportBench : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    /// <param name="trusted">Keys whose bundles are taken over, beside its own.</param>
    public ImportBench(string? trusted = null)
    {
        var services = new ServiceCollection();
        services.Configure<AgentOpsRcaOptions>(options => options.TrustedKeys = trusted ?? options.TrustedKeys);
        services.AddAgentOpsRca().UseInMemory();
        _services = services.BuildServiceProvider();
    }

    public List<ImportedSpan> Places { get; } = [];

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public ValueTask<ImportOutcome> TryAsync(byte[] file, ImportRequest? request = null) =>
        Get<IFileImporter>().ImportAsync(new MemoryStream(file), (request ?? new()) with { OnSpan = Places.Add });

    public Task<FileImport> ImportAsync(string file, ImportRequest? request = null) => ImportAsync(Encoding.UTF8.GetBytes(file), request);

    public async Task<FileImport> ImportAsync(byte[] file, ImportRequest? request = null) =>
        Assert.IsType<ImportOutcome.Imported>(await TryAsync(file, request)).Import;

    /// <summary>The spans of an incident, in the order of their starts.</summary>
    public async Task<List<Span>> SpansAsync(Guid? incidentId) =>
        await Get<ISpanStore>().ListAsync(new SpanQuery { IncidentId = incidentId?.ToString("D") }).OrderBy(span => span.StartTs).ThenBy(span => span.SpanId, StringComparer.Ordinal).ToListAsync();

    public async Task<string> ReadAsync(string? digest)
    {
        var read = await Get<ArtifactVault>().ReadAllVerifiedAsync(ArtifactDigest.Parse(digest!), int.MaxValue);
        return Encoding.UTF8.GetString(read.Content.Span);
    }

    public async Task<JsonElement> ReadJsonAsync(string? digest) => JsonElement.Parse(await ReadAsync(digest));

    public async Task<RcaReport> AnalyzeAsync(Guid? incidentId) =>
        Assert.IsType<RcaOutcome.Completed>(await Get<IRcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = incidentId!.Value })).Report;

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

namespace AgentOps.Rca.Analysis;

/// <summary>The engines there are, and which one <c>auto</c> means.</summary>
internal sealed class RcaEngines
{
    public const string Trace = "trace";
    public const string LanguageModel = "llm";

    private readonly List<IRcaEngine> _engines;

    public RcaEngines(IEnumerable<IRcaEngine> engines) => _engines = [.. engines];

    /// <summary>The engine of this name, the last one registered under it; null when there is none.</summary>
    public IRcaEngine? Find(string name) => _engines.FindLast(engine => engine.Name == name);

    /// <summary>The engine of this name and version, the last one registered, or one as it was before; null when there is none.</summary>
    public IRcaEngine? Find(string name, string version)
    {
        bool IsMeant(IRcaEngine? engine) => engine?.Name == name && engine.Version == version;
        return _engines.FindLast(IsMeant) ?? _engines.OfType<IHasEarlierEngine>().SelectMany(static engine => engine.Earlier).LastOrDefault(IsMeant);
    }

    /// <summary>The engine for a request, or why there is none.</summary>
    public RcaOutcome? Choose(string name, out IRcaEngine engine)
    {
        var found = name == RcaRequest.AutoEngine ? Best() : Find(name);
        engine = found!;
        return found is null ? new RcaOutcome.EngineUnknown(name, [RcaRequest.AutoEngine, .. _engines.Select(known => known.Name).Distinct()])
            : found.Unavailable is { } reason ? new RcaOutcome.EngineUnavailable(found.Name, reason)
            : null;
    }

    // An engine of the user's own beats ours; of ours, the language model includes what the trace engine finds.
    private IRcaEngine? Best() =>
        _engines.FindLast(engine => engine.Name is not (Trace or LanguageModel) && engine.Unavailable is null)
        ?? _engines.FindLast(engine => engine.Name == LanguageModel && engine.Unavailable is null)
        ?? Find(Trace);
}

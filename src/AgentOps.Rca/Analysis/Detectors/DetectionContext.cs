using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>What detectors look at. What was read once is kept, and how much is read is bounded.</summary>
public sealed class DetectionContext
{
    private readonly CaseContents _contents;
    // Detectors that look at nothing but the spans run beside those that read contents, and share these.
    private readonly Lazy<CallProfile> _profile;
    private readonly Lazy<SpanFlow> _flow;
    private readonly Lazy<long> _runNs;
    private AgentRun? _run;
    private IReadOnlyList<DetectionContext>? _earlier;
    private CallIdentity? _identity;
    private bool[] _agents = [];

    internal DetectionContext(RcaCase rcaCase)
    {
        (Case, _contents) = (rcaCase, new CaseContents(rcaCase));
        _profile = new Lazy<CallProfile>(() => CallProfile.Of(Spans, IsOfAgents));
        _flow = new Lazy<SpanFlow>(() => new SpanFlow(Spans));
        _runNs = new Lazy<long>(ReadRunNs);
    }

    /// <summary>The case; <see cref="RcaCase.ReadSpan"/> gives the attributes of a span.</summary>
    public RcaCase Case { get; }

    /// <summary>The spans of the case as trees.</summary>
    public SpanForest Spans => Case.Spans;

    /// <summary>What calls were made to.</summary>
    internal CallIdentity Identity => _identity ??= new CallIdentity(Case);

    /// <summary>What such steps of the same agent do when nothing is wrong, or null when nobody knows.</summary>
    internal StepBaseline? UsualOf(SpanNode step) => Case.Baseline.Steps?.GetValueOrDefault(StepBaseline.KeyOf(step));

    /// <summary>The case as the steps of agents, once <see cref="ReadRunAsync"/> has read it.</summary>
    internal AgentRun? Run => _run;

    /// <summary>What services did, tool by tool. The steps of agents are not among them once <see cref="ReadRunAsync"/> has found them.</summary>
    internal CallProfile Profile => _profile.Value;

    internal SpanFlow Flow => _flow.Value;

    /// <summary>From the first start to the last end, in nanoseconds, with clocks that disagree brought together; 0 without spans.</summary>
    internal long RunNs => _runNs.Value;

    /// <summary>The named artifacts that could not be read, so that the report can say so.</summary>
    internal SortedSet<string> Unreadable => _contents.Unreadable;

    /// <summary>Whether some artifacts were not opened because there are too many.</summary>
    internal bool LeftArtifactsOut => _contents.LeftOut;

    /// <summary>The place of a call in a system of services: its service, or its tool when it names none.</summary>
    /// <param name="node">The call.</param>
    public static string PlaceOf(SpanNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Service ?? node.Tool;
    }

    /// <summary>The JSON of an artifact, or null when it is missing, damaged, too large, or no JSON.</summary>
    /// <param name="digest">The artifact; null gives null.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public ValueTask<JsonElement?> ReadJsonAsync(ArtifactDigest? digest, CancellationToken cancellationToken) => _contents.ReadJsonAsync(digest, cancellationToken);

    /// <summary>The JSON that a call was given, as of <see cref="ReadJsonAsync"/>.</summary>
    internal ValueTask<JsonElement?> ReadArgumentsAsync(SpanNode call, CancellationToken cancellationToken) =>
        Case.IsMissing(call.ArgsNumber) ? default : ReadJsonAsync(call.ArgsDigest, cancellationToken);

    /// <summary>The JSON that a call gave back, as of <see cref="ReadJsonAsync"/>.</summary>
    internal ValueTask<JsonElement?> ReadResultAsync(SpanNode call, CancellationToken cancellationToken) =>
        Case.IsMissing(call.ResultNumber) ? default : ReadJsonAsync(call.ResultDigest, cancellationToken);

    /// <summary>An artifact as text of UTF-8, or null when it is missing, damaged, too large, or no text.</summary>
    /// <param name="digest">The artifact; null gives null.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public ValueTask<string?> ReadTextAsync(ArtifactDigest? digest, CancellationToken cancellationToken) => _contents.ReadTextAsync(digest, cancellationToken);

    /// <summary>The case as the steps of agents, read once.</summary>
    internal async ValueTask<AgentRun> ReadRunAsync(CancellationToken cancellationToken)
    {
        if (_run is null)
        {
            _run = await new AgentRunReader(Case, _contents).ReadAsync(cancellationToken).ConfigureAwait(false);
            _agents = _run.Marks();
        }

        return _run;
    }

    /// <summary>The same case up to each earlier answer of a conversation that nobody took back, once <see cref="ReadRunAsync"/> has read it.</summary>
    internal IReadOnlyList<DetectionContext> EarlierAnswers() => _earlier ??= [.. (_run?.EarlierAnswers() ?? []).Select(With)];

    private DetectionContext With(AgentRun run)
    {
        var context = (DetectionContext)MemberwiseClone();
        (context._run, context._earlier) = (run, []);
        return context;
    }

    /// <summary>
    /// Whether a span is a step of an agent, part of one, or around steps. What agents do is judged step by step, and not by statistics;
    /// false until the run was read.
    /// </summary>
    internal bool IsOfAgents(SpanNode node) => _agents.Length > 0 && _agents[node.Index] && Spans.Nodes[node.Index] == node;

    private long ReadRunNs()
    {
        if (Spans.Nodes.Count == 0)
        {
            return 0;
        }

        return ClockSkew.Of(Spans) is { } shifts
            ? Spans.Nodes.Max(node => node.EndNs + shifts[node.Index]) - Spans.Nodes.Min(node => node.StartNs + shifts[node.Index])
            : Spans.Nodes.Max(node => node.EndNs) - Spans.Nodes[0].StartNs;
    }
}

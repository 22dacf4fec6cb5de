using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>What detectors look at. What was read once is kept, and how much is read is bounded.</summary>
public sealed class DetectionContext
{
    private const int MostArtifacts = 2_000;
    private const int MostArtifactBytes = 256 * 1024;

    // What models were given and said: a prompt near the limit of its model has a few megabytes.
    private const int MostContentBytes = 4 * 1024 * 1024;
    private const long MostContent = 256L * 1024 * 1024;

    private readonly Dictionary<ArtifactDigest, JsonElement?> _artifacts = [];
    private int _texts;
    private long _contentBytes;
    private AgentRun? _run;
    private CallIdentity? _identity;
    private HashSet<SpanNode> _agents = [];
    private CallProfile? _profile;
    private SpanFlow? _flow;
    private long? _runNs;

    internal DetectionContext(RcaCase rcaCase) => Case = rcaCase;

    /// <summary>The case; <see cref="RcaCase.ReadSpan"/> gives the attributes of a span.</summary>
    public RcaCase Case { get; }

    /// <summary>The spans of the case as trees.</summary>
    public SpanForest Spans => Case.Spans;

    /// <summary>What calls were made to.</summary>
    internal CallIdentity Identity => _identity ??= new CallIdentity(this);

    /// <summary>What such steps of the same agent do when nothing is wrong, or null when nobody knows.</summary>
    internal StepBaseline? UsualOf(SpanNode step) => Case.Baseline.Steps?.GetValueOrDefault(StepBaseline.KeyOf(step));

    /// <summary>What services did, tool by tool. The steps of agents are not among them once <see cref="ReadRunAsync"/> has found them.</summary>
    internal CallProfile Profile => _profile ??= CallProfile.Of(Spans, IsOfAgents);

    internal SpanFlow Flow => _flow ??= new SpanFlow(Spans);

    /// <summary>From the first start to the last end, in nanoseconds, with clocks that disagree brought together; 0 without spans.</summary>
    internal long RunNs => _runNs ??= ReadRunNs();

    /// <summary>The named artifacts that could not be read, so that the report can say so.</summary>
    internal SortedSet<string> Unreadable { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether some artifacts were not opened because there are too many.</summary>
    internal bool LeftArtifactsOut { get; private set; }

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
    public async ValueTask<JsonElement?> ReadJsonAsync(ArtifactDigest? digest, CancellationToken cancellationToken)
    {
        if (digest is not { } known || Case.MissingArtifacts.Contains(known))
        {
            return null;
        }

        if (_artifacts.TryGetValue(known, out var json))
        {
            return json;
        }

        if (_artifacts.Count >= MostArtifacts)
        {
            LeftArtifactsOut = true;
            return null;
        }

        return _artifacts[known] = await ParseAsync(known, cancellationToken);
    }

    /// <summary>An artifact as text of UTF-8, or null when it is missing, damaged, too large, or no text.</summary>
    /// <param name="digest">The artifact; null gives null.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<string?> ReadTextAsync(ArtifactDigest? digest, CancellationToken cancellationToken)
    {
        if (digest is not { } known || Case.MissingArtifacts.Contains(known))
        {
            return null;
        }

        if (++_texts > MostArtifacts)
        {
            LeftArtifactsOut = true;
            return null;
        }

        return await ReadAsync(known, cancellationToken) is { } content && Utf8.IsValid(content.Span) ? Encoding.UTF8.GetString(content.Span) : null;
    }

    /// <summary>The case as the steps of agents, read once.</summary>
    internal async ValueTask<AgentRun> ReadRunAsync(CancellationToken cancellationToken)
    {
        if (_run is null)
        {
            _run = await new AgentRunReader(this).ReadAsync(cancellationToken);
            _agents = _run.Nodes();
        }

        return _run;
    }

    /// <summary>
    /// Whether a span is a step of an agent, part of one, or around steps. What agents do is judged step by step, and not by statistics;
    /// false until the run was read.
    /// </summary>
    internal bool IsOfAgents(SpanNode node) => _agents.Contains(node);

    /// <summary>An artifact as JSON, or as the text that it is; null when it is missing, damaged or too large, or no text.</summary>
    internal async ValueTask<(JsonElement Value, bool IsJson)?> ReadContentAsync(ArtifactDigest? digest, CancellationToken cancellationToken)
    {
        if (digest is not { } known || Case.MissingArtifacts.Contains(known))
        {
            return null;
        }

        if (_contentBytes > MostContent)
        {
            LeftArtifactsOut = true;
            return null;
        }

        if (await ReadAsync(known, MostContentBytes, cancellationToken) is not { } content)
        {
            return null;
        }

        // Nothing but white space says nothing, and there would be no words to point at.
        if (content.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return null;
        }

        _contentBytes += content.Length;
        return JsonRules.TryRead(content.Span, out var value) ? (value, true)
            : Utf8.IsValid(content.Span) ? (JsonElement.Parse($"\"{JsonEncodedText.Encode(content.Span)}\""), false)
            : null;
    }

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

    private ValueTask<ReadOnlyMemory<byte>?> ReadAsync(ArtifactDigest digest, CancellationToken cancellationToken) =>
        ReadAsync(digest, MostArtifactBytes, cancellationToken);

    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(ArtifactDigest digest, int most, CancellationToken cancellationToken)
    {
        var content = await Case.ReadArtifact(digest, most, cancellationToken);
        if (content is null && !Case.MissingArtifacts.Contains(digest))
        {
            Unreadable.Add(digest.ToString());
        }

        return content;
    }

    private async ValueTask<JsonElement?> ParseAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        if (await ReadAsync(digest, cancellationToken) is not { } content)
        {
            return null;
        }

        // A parsed document may still hold text that cannot be read: bytes that are no UTF-8, and escaped halves of surrogate pairs.
        return JsonRules.TryRead(content.Span, out var value) ? value : null;
    }
}

using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Kpis;

namespace AgentOps.Rca.Reading;

/// <summary>A piece of a run, read as an analysis reads a run: nearly every run is one piece.</summary>
internal sealed class StepWindow
{
    /// <summary>How many recorded steps a piece has.</summary>
    public const int Size = 1_000;

    private readonly Dictionary<AgentStep, string> _ids = [];

    public StepWindow(
        int number, AgentRun run, IReadOnlySet<string> own, bool isWhole, long contentBytes, IReadOnlyCollection<ArtifactDigest> missing,
        IReadOnlyDictionary<string, ModelCallUsage> usage, IReadOnlyDictionary<ArtifactDigest, TextPreview> large)
    {
        Usage = usage;
        Large = large;
        Number = number;
        Run = run;
        Missing = missing;
        Bytes = (contentBytes * 3) + (run.Steps.Count * 2_000L);
        Gaps = isWhole ? [.. ContentGaps.Of(run)] : [];
        IsWhole = isWhole;
        var calls = new Dictionary<string, int>(StringComparer.Ordinal);
        List<AgentStep> steps = [];
        foreach (var step in run.Steps)
        {
            var spanId = step.Node.SpanId;
            if (step is ToolStep { IsRecorded: false })
            {
                var call = calls[spanId] = calls.GetValueOrDefault(spanId) + 1;
                _ids.Add(step, FormattableString.Invariant($"{spanId}#{call}"));
            }
            else
            {
                _ids.Add(step, spanId);
            }

            if (own.Contains(spanId))
            {
                steps.Add(step);
            }
        }

        Steps = steps;
    }

    /// <summary>Which piece it is, from 0.</summary>
    public int Number { get; }

    /// <summary>The run as it was read, with the steps around the piece.</summary>
    public AgentRun Run { get; }

    /// <summary>The steps of the piece.</summary>
    public IReadOnlyList<AgentStep> Steps { get; }

    /// <summary>Whether it is all of the run.</summary>
    public bool IsWhole { get; }

    /// <summary>Which content was not recorded, in sentences.</summary>
    public IReadOnlyList<string> Gaps { get; }

    /// <summary>The artifacts that were named and not there: when one has come since, the piece must be read again.</summary>
    public IReadOnlyCollection<ArtifactDigest> Missing { get; }

    /// <summary>What the model calls used, by the ids of their spans.</summary>
    public IReadOnlyDictionary<string, ModelCallUsage> Usage { get; }

    /// <summary>How the content begins that is too large to be looked into; not masked.</summary>
    public IReadOnlyDictionary<ArtifactDigest, TextPreview> Large { get; }

    /// <summary>About how many bytes it takes.</summary>
    public long Bytes { get; }

    /// <summary>The id to ask for a step with.</summary>
    public string IdOf(AgentStep step) => _ids[step];
}

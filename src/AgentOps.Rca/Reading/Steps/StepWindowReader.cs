using System.Text;
using System.Text.Unicode;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Reads pieces of runs with <see cref="AgentRunReader"/>: the steps of a piece, those above them, and a few around it, for the links.</summary>
internal sealed class StepWindowReader(ISpanStore spans, ArtifactVault artifacts)
{
    private const int After = 64;
    private const int MostLogs = 2_000;
    private const int MostOdd = 4_096;

    /// <summary>The piece, as it was remembered or as it is read now.</summary>
    public async ValueTask<StepWindow> ReadAsync(Incident incident, RememberedRun run, int number, CancellationToken cancellationToken)
    {
        if (run.Find(number) is { } known
            && (known.Missing.Count == 0 || (await artifacts.FindMissingAsync(known.Missing, cancellationToken).ConfigureAwait(false)).Count == known.Missing.Count))
        {
            return known;
        }

        return await LoadAsync(incident, run, number, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<StepWindow> LoadAsync(Incident incident, RememberedRun run, int number, CancellationToken cancellationToken)
    {
        var (table, skeleton) = (run.Table, run.Steps);
        var first = number * StepWindow.Size;
        var own = skeleton.Steps.AsSpan(Math.Min(first, skeleton.Steps.Length), Math.Clamp(skeleton.Steps.Length - first, 0, StepWindow.Size)).ToArray();
        var places = Around(table, skeleton, first, own);
        var read = await FindAsync(table, places, cancellationToken).ConfigureAwait(false);
        List<Span> linked = new(read.Count);
        foreach (var (place, span) in read)
        {
            // A log record stays below its call; a half below its other half; a step below the step above it.
            var above = table.Flags[place].HasFlag(SpanMarks.Log) || skeleton.Halves.ContainsKey(place) ? NearestRead(table, read, place) : skeleton.Above(place);
            linked.Add(span with { ParentId = above != SpanTable.None && read.ContainsKey(above) ? table.IdOf(above) : null });
        }

        var missing = await artifacts.FindMissingAsync([.. CaseArtifacts.NamedBy(linked)], cancellationToken).ConfigureAwait(false);
        var byId = linked.ToDictionary(static span => span.SpanId, StringComparer.Ordinal);
        var (bytes, isDamaged) = (0L, false);
        HashSet<ArtifactDigest> large = [];
        Dictionary<ArtifactDigest, TextPreview> odd = [];
        var rcaCase = new RcaCase
        {
            Incident = incident,
            Spans = SpanForest.Build(linked),
            AnalyzedAt = incident.CreatedTs,
            MissingArtifacts = missing,
            ReadSpan = (id, _) => ValueTask.FromResult(byId.GetValueOrDefault(id)),
            ReadArtifact = async (digest, most, token) =>
            {
                var content = await artifacts.ReadAllVerifiedAsync(digest, most, token).ConfigureAwait(false);
                bytes += content.IsIntact ? content.Content.Length : 0;
                isDamaged |= content.Fault is not (null or ArtifactFault.TooLarge);
                if (content.Fault is ArtifactFault.TooLarge)
                {
                    large.Add(digest);
                }
                else if (content.IsIntact && !Utf8.IsValid(content.Content.Span))
                {
                    // Nothing is read out of bytes that are no text, but people see what of them is.
                    var shown = content.Content.Span[..Math.Min(MostOdd, content.Content.Length)];
                    odd[digest] = new TextPreview(Encoding.UTF8.GetString(shown), content.Content.Length, Cut: shown.Length < content.Content.Length, Masked: 0, digest.ToString());
                }

                return content.IsIntact ? content.Content : (ReadOnlyMemory<byte>?)null;
            },
            FindArtifact = artifacts.GetAsync,
        };
        var agentRun = await new AgentRunReader(rcaCase, new CaseContents(rcaCase)).ReadAsync(cancellationToken).ConfigureAwait(false);
        var usage = linked.Where(ModelCallUsage.IsSingleCall).Select(static span => (span.SpanId, Call: ModelCallUsage.Read(span.Attributes)))
            .Where(static pair => pair.Call is not null).ToDictionary(static pair => pair.SpanId, static pair => pair.Call!, StringComparer.Ordinal);
        var window = new StepWindow(
            number, agentRun, own.Select(table.IdOf).ToHashSet(StringComparer.Ordinal), skeleton.Steps.Length <= StepWindow.Size, bytes, missing,
            usage, await StartsAsync(large, odd, cancellationToken).ConfigureAwait(false));
        if (!isDamaged)
        {
            run.Remember(window);
        }

        return window;
    }

    // The piece, every run above it, the last model call before it, a few steps after it, and the log records and other halves of them.
    private static HashSet<int> Around(SpanTable table, StepSkeleton skeleton, int first, int[] own)
    {
        HashSet<int> places = [.. own];
        for (var place = Math.Min(first, skeleton.Steps.Length) - 1; place >= 0; place--)
        {
            if (StepTree.KindOf(table.Tools[table.Tool[skeleton.Steps[place]]]) == StepKind.Model)
            {
                places.Add(skeleton.Steps[place]);
                break;
            }
        }

        foreach (var step in skeleton.Steps.Skip(first + own.Length).Take(After))
        {
            places.Add(step);
        }

        foreach (var step in places.ToList())
        {
            for (var above = skeleton.Above(step); above != SpanTable.None && places.Add(above); above = skeleton.Above(above))
            {
            }
        }

        foreach (var (half, step) in skeleton.Halves)
        {
            if (places.Contains(step))
            {
                places.Add(half);
            }
        }

        // Only log records that tell of a failure say something of a step.
        var logs = 0;
        var tool = table.Tools.ToList().IndexOf(ToolNames.Log);
        for (var span = 0; tool >= 0 && span < table.Count && logs < MostLogs; span++)
        {
            if (table.Tool[span] == tool && table.Flags[span].HasFlag(SpanMarks.Failed) && table.Parent[span] != SpanTable.None && places.Contains(table.Parent[span]) && places.Add(span))
            {
                logs++;
            }
        }

        return places;
    }

    private async ValueTask<Dictionary<int, Span>> FindAsync(SpanTable table, HashSet<int> places, CancellationToken cancellationToken)
    {
        Dictionary<int, Span> found = [];
        await foreach (var span in spans.FindAsync([.. places.Select(table.IdOf)], cancellationToken).ConfigureAwait(false))
        {
            found[table.Find(span.SpanId)] = span;
        }

        return found;
    }

    private static int NearestRead(SpanTable table, Dictionary<int, Span> read, int span)
    {
        var at = table.Parent[span];
        while (at != SpanTable.None && !read.ContainsKey(at))
        {
            at = table.Parent[at];
        }

        return at;
    }

    private async ValueTask<Dictionary<ArtifactDigest, TextPreview>> StartsAsync(HashSet<ArtifactDigest> large, Dictionary<ArtifactDigest, TextPreview> starts, CancellationToken cancellationToken)
    {
        foreach (var digest in large)
        {
            if (await artifacts.ReadPreviewAsync(digest, cancellationToken).ConfigureAwait(false) is { IsIntact: true } start)
            {
                starts.Add(digest, new TextPreview(Encoding.UTF8.GetString(start.Content.Span).TrimEnd('\uFFFD'), start.Artifact.Length, Cut: true, Masked: 0, digest.ToString()));
            }
        }

        return starts;
    }
}

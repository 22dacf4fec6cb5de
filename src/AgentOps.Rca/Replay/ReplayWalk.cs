using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>Walks recorded spans in causal order and hashes the artifacts they name.</summary>
internal sealed class ReplayWalk(
    ReplayedSpans spans,
    IArtifactChecker artifacts,
    ReplayHash hash,
    ReplayFindings findings,
    Func<ReplayOutput, CancellationToken, ValueTask>? onOutput)
{
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        var anomalies = spans.Forest.Anomalies.ToLookup(anomaly => anomaly.SpanId, StringComparer.Ordinal);

        // The forest's own order is by start, then by id; a child waits until its parent was visited.
        var ready = new PriorityQueue<SpanNode, int>(spans.Forest.Roots.Select(root => (root, root.Index)));
        while (ready.TryDequeue(out var node, out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            NoteStructure(node, anomalies.Count == 0 ? [] : anomalies[node.SpanId]);
            var (argsName, resultName) = spans.MalformedOf(node);
            var args = await CheckAsync(node, "arguments", node.ArgsNumber, argsName, cancellationToken).ConfigureAwait(false);
            var result = await CheckAsync(node, "result", node.ResultNumber, resultName, cancellationToken).ConfigureAwait(false);
            hash.AppendSpan(node, spans.DigestOf(node), args.State, result.State);
            if (result.State is not null && onOutput is not null)
            {
                var output = new ReplayOutput(node.SpanId, node.Tool, node.ResultDigest?.ToString() ?? resultName!, result.Intact?.Preview.ToArray()) { Result = result.Intact?.Artifact };
                await onOutput(output, cancellationToken).ConfigureAwait(false);
            }

            foreach (var child in node.Children)
            {
                ready.Enqueue(child, child.Index);
            }
        }
    }

    private void NoteStructure(SpanNode node, IEnumerable<SpanAnomaly> anomalies)
    {
        foreach (var anomaly in anomalies)
        {
            switch (anomaly.Kind)
            {
                case SpanAnomalyKind.UnknownParent:
                    findings.Note(
                        ReplayDeviationKind.UnknownParent, node.SpanId,
                        $"The parent {node.ParentId} of {node} is not among the incident's spans.", node.ParentId);
                    break;
                case SpanAnomalyKind.SelfParent:
                    findings.Note(ReplayDeviationKind.Cycle, node.SpanId, $"{node} names itself as its parent.", actual: node.ParentId);
                    break;
                case SpanAnomalyKind.Cycle:
                    findings.Note(
                        ReplayDeviationKind.Cycle, node.SpanId,
                        $"The chain of parents of {node} comes back to it; the walk begins here.", actual: node.ParentId);
                    break;
                case SpanAnomalyKind.EndsBeforeStart:
                    findings.Note(ReplayDeviationKind.TimeInversion, node.SpanId, $"{node} ends before it starts.");
                    break;
            }
        }

        if (node.Parent is { } parent && node.StartNs < parent.StartNs)
        {
            findings.Note(
                ReplayDeviationKind.TimeInversion, node.SpanId, $"{node} starts before {parent}, which called it.", actual: parent.SpanId);
        }
    }

    private async ValueTask<(string? State, ArtifactCheck? Intact)> CheckAsync(
        SpanNode node, string what, int number, string? name, CancellationToken cancellationToken)
    {
        if (number < 0)
        {
            if (name is null)
            {
                return (null, null);
            }

            findings.Incomplete(
                ReplayDeviationKind.MissingArtifact, node.SpanId, $"The {what} of {node} are named {name}, which is no SHA-256.", name);
            return ("missing", null);
        }

        var check = await artifacts.CheckAsync(number, cancellationToken).ConfigureAwait(false);
        if (check.Fault is null)
        {
            return ("intact", check);
        }

        if (check.Fault is ArtifactFault.Corrupt corrupt)
        {
            findings.Diverged(
                ReplayDeviationKind.DigestMismatch, node.SpanId, $"The {what} of {node} changed. {corrupt.Message}",
                spans.Forest.Digests[number].ToString(), corrupt.Actual.Digest.ToString());
            return ("changed", null);
        }

        findings.Missing(node, what, check.Fault, spans.Forest.Digests[number]);
        return ("missing", null);
    }
}

using AgentOps.Rca.Analysis;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Approvals;

/// <summary>Whether the decisions on an incident are as this host, or another one that is trusted, has recorded them.</summary>
internal sealed class DecisionChecks(ISpanStore spans, ISigningKeyProvider keys)
{
    /// <summary>What is wrong with the decisions among these spans, or missing among them.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="records">Its spans that are no evidence.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    public async ValueTask<IReadOnlyList<DecisionFinding>> FindAsync(Guid incidentId, IReadOnlyList<Span> records, CancellationToken cancellationToken)
    {
        var decisions = records.Where(static span => ApprovalSpan.Read(span) is not null).ToDictionary(static span => span.SpanId, StringComparer.Ordinal);
        var possible = records.Where(AnalysisSpan.HasReport).Select(span => span.ResultDigest).Append(null)
            .Select(report => ApprovalSpan.IdOf(incidentId, report)).Union(decisions.Keys).ToList();
        var trusted = await keys.GetTrustedKeysAsync(cancellationToken).ConfigureAwait(false);
        var own = (await keys.GetSigningKeyAsync(cancellationToken).ConfigureAwait(false)).Public.KeyId;
        var witnesses = new Dictionary<string, Span>(StringComparer.Ordinal);
        await foreach (var witness in spans.FindAsync([.. possible.Select(DecisionWitness.IdOf)], cancellationToken).ConfigureAwait(false))
        {
            witnesses[witness.SpanId] = witness;
        }

        List<DecisionFinding> findings = [];
        foreach (var id in possible.Order(StringComparer.Ordinal))
        {
            var witness = witnesses.GetValueOrDefault(DecisionWitness.IdOf(id));
            var finding = decisions.TryGetValue(id, out var decision)
                ? FindIn(decision, witness, trusted, own) ?? FindBefore(decision, decisions.Values)
                : witness is null ? null
                : FindInWitness(id, witness, trusted);
            if (finding is { Kind: DecisionFindingKind.Unsigned } && await IsLaterThanSigningAsync(decision!, records, cancellationToken).ConfigureAwait(false))
            {
                finding = new DecisionFinding(DecisionFindingKind.Forged, id, $"The decision {id} carries no signature, and this host signed its decisions by then.");
            }

            if (finding is not null)
            {
                findings.Add(finding);
            }
        }

        return findings;
    }

    /// <summary>What is wrong with a decision by itself, where nothing else of its host is at hand, as in a bundle.</summary>
    public static DecisionFinding? FindIn(Span decision, IEnumerable<VerificationKey> trusted)
    {
        if (DecisionSeal.KeyOf(decision) is not { } keyId)
        {
            return new(DecisionFindingKind.Unsigned, decision.SpanId, $"The decision {decision.SpanId} carries no signature: it was made before decisions were signed, or by somebody else.");
        }

        return trusted.FirstOrDefault(key => key.KeyId == keyId) is not { } key
            ? new(DecisionFindingKind.Forged, decision.SpanId, $"The decision {decision.SpanId} is signed by the key {keyId}, which is not trusted here.")
            : DecisionSeal.IsBy(decision, key) ? null
            : new(DecisionFindingKind.Changed, decision.SpanId, $"The decision {decision.SpanId} is not as the key {keyId} has signed it.");
    }

    private static DecisionFinding? FindIn(Span decision, Span? witness, IEnumerable<VerificationKey> trusted, string own)
    {
        var finding = FindIn(decision, trusted);
        if (finding is { Kind: DecisionFindingKind.Unsigned } && witness is not null)
        {
            return new(DecisionFindingKind.Changed, decision.SpanId, $"The decision {decision.SpanId} was signed when it was made, and its signature is gone.");
        }

        if (finding is not null || DecisionSeal.KeyOf(decision) != own)
        {
            return finding;
        }

        // A decision of this host has its witness here; one that came with a bundle has it elsewhere.
        return witness is null ? new(DecisionFindingKind.Changed, decision.SpanId, $"The second record of the decision {decision.SpanId} is gone from the audit.")
            : !DecisionWitness.Knows(witness, decision) ? new(DecisionFindingKind.Changed, decision.SpanId, $"The second record of the decision {decision.SpanId} in the audit says something else.")
            : null;
    }

    private static DecisionFinding? FindBefore(Span decision, IEnumerable<Span> decisions) =>
        ApprovalSpan.PredecessorOf(decision) is { } before && !decisions.Any(other => SpanJson.Digest(other).ToString() == before)
            ? new(DecisionFindingKind.Removed, decision.SpanId, $"The decision before {decision.SpanId} is gone, or no longer what it was.")
            : null;

    private static DecisionFinding FindInWitness(string id, Span witness, IEnumerable<VerificationKey> trusted) =>
        trusted.FirstOrDefault(key => key.KeyId == DecisionSeal.KeyOf(witness)) is { } key && DecisionSeal.IsBy(witness, key)
            ? new(DecisionFindingKind.Removed, id, $"The decision {id} was made here, and its record is gone or no longer one.")
            : new(DecisionFindingKind.Changed, id, $"The audit has a second record of a decision {id}, which somebody has changed, and the incident has none.");

    // From its first recorded start on, a host signs; nothing is decided on a report before there is one.
    private async ValueTask<bool> IsLaterThanSigningAsync(Span decision, IEnumerable<Span> records, CancellationToken cancellationToken)
    {
        var query = new SpanQuery { IncidentId = SpanIds.AuditIncident, Tool = AuditActions.Start, Limit = 1 };
        await foreach (var start in spans.ListAsync(query, cancellationToken).ConfigureAwait(false))
        {
            var since = EpochUnit.ToNanoseconds(start.StartTs);
            return EpochUnit.ToNanoseconds(decision.EndTs) >= since
                || records.Any(span => AnalysisSpan.HasReport(span) && span.ResultDigest == decision.ArgsDigest && EpochUnit.ToNanoseconds(span.StartTs) >= since);
        }

        return false;
    }
}

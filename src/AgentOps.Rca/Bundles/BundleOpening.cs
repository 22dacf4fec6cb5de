using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Bundles.Zip;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>Reads what a bundle says out of its files, and refuses what no export makes.</summary>
internal static class BundleOpening
{
    public static async ValueTask<(BundleContent? Content, BundleFault? Fault)> OpenAsync(
        BundleArchive archive, BundleClaims claims, CancellationToken cancellationToken)
    {
        if (await ReadIncidentAsync(archive, cancellationToken).ConfigureAwait(false) is not { } incident || incident.Id != claims.IncidentId)
        {
            return Fault(BundleNames.Incident, "It is not the incident of the statement in canonical form.");
        }

        if (await ReadRowsAsync(archive, cancellationToken).ConfigureAwait(false) is not { } rows)
        {
            return Fault(BundleNames.ArtifactRows, "A line is no artifact in canonical form, or not in order.");
        }

        var leftOut = claims.LeftOut.Select(item => item.Digest).ToHashSet();
        foreach (var (digest, row) in rows)
        {
            var name = BundleNames.OfArtifact(digest);
            if (archive.Has(name) ? archive.Describe(name).Length != row.Length || leftOut.Contains(digest) : !leftOut.Contains(digest))
            {
                return Fault(BundleNames.ArtifactRows, $"What it says of {digest} does not agree with the files and the statement.");
            }
        }

        if (archive.Entries.Select(entry => BundleOrder.ArtifactOf(entry.File.Name)).OfType<ArtifactDigest>().Any(digest => !rows.ContainsKey(digest)))
        {
            return Fault(BundleNames.ArtifactRows, "It does not list all artifacts.");
        }

        if (!await AreSpansCanonicalAsync(archive, BundleNames.Spans, incident.Id.ToString("D"), cancellationToken).ConfigureAwait(false))
        {
            return Fault(BundleNames.Spans, "A line is no span of the incident in canonical form, or not in order.");
        }

        if (archive.Has(BundleNames.Audit)
            && !await AreSpansCanonicalAsync(archive, BundleNames.Audit, SpanIds.AuditIncident, cancellationToken).ConfigureAwait(false))
        {
            return Fault(BundleNames.Audit, "A line is no entry of an audit in canonical form, or not in order.");
        }

        var content = new BundleContent(
            incident,
            () => archive.Open(BundleNames.Spans),
            rows,
            digest => archive.Has(BundleNames.OfArtifact(digest)),
            (digest, _) => ValueTask.FromResult(
                archive.Has(BundleNames.OfArtifact(digest)) ? archive.Open(BundleNames.OfArtifact(digest)) : null));
        return (content, null);
    }

    private static async ValueTask<Incident?> ReadIncidentAsync(BundleArchive archive, CancellationToken cancellationToken)
    {
        var bytes = await archive.ReadAsync(BundleNames.Incident, cancellationToken).ConfigureAwait(false);
        return JsonRules.TryParseRecord(bytes, out var value) && JsonRules.FindProblem(value) is null && IncidentJson.Read(value) is { } incident
            && IncidentJson.ToUtf8(incident).AsSpan().SequenceEqual(bytes) ? incident : null;
    }

    private static async ValueTask<Dictionary<ArtifactDigest, Artifact>?> ReadRowsAsync(BundleArchive archive, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<ArtifactDigest, Artifact>();
        var content = archive.Open(BundleNames.ArtifactRows);
        await using var contentDisposal = content.ConfigureAwait(false);
        var lines = new LineReader(content);
        ArtifactDigest? previous = null;
        try
        {
            while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (BundleLines.ReadRow(lines.Line) is not { } row || row.Digest <= previous)
                {
                    return null;
                }

                rows.Add(row.Digest, row);
                previous = row.Digest;
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }

        return rows;
    }

    private static async ValueTask<bool> AreSpansCanonicalAsync(
        BundleArchive archive, string name, string incident, CancellationToken cancellationToken)
    {
        var content = archive.Open(name);
        await using var contentDisposal = content.ConfigureAwait(false);
        var lines = new LineReader(content);
        (long StartTs, string SpanId)? previous = null;
        try
        {
            while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (BundleLines.ReadSpan(lines.Line) is not { } span || span.IncidentId != incident
                    || (previous is var (start, id) && (span.StartTs < start
                        || (span.StartTs == start && Utf8Comparer.Instance.Compare(span.SpanId, id) <= 0))))
                {
                    return false;
                }

                previous = (span.StartTs, span.SpanId);
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        return true;
    }

    private static (BundleContent? Content, BundleFault? Fault) Fault(string name, string reason) =>
        (null, new BundleFault($"content of {name}", reason));
}

using System.Buffers;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Bundles.Zip;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>A bundle in the making. What may be long is spooled; of each artifact only its sums are kept.</summary>
internal sealed class BundleDraft(Incident incident, BundleOptions options, ArtifactVault vault) : IAsyncDisposable
{
    private const int FlushAt = 64 * 1024;
    private const int MostDocument = 64 * 1024 * 1024;

    private readonly List<(BundleFile File, Func<CancellationToken, ValueTask<Stream>> Open)> _files = [];
    private readonly List<Spool> _spools = [];
    private readonly SortedDictionary<ArtifactDigest, Artifact> _rows = [];
    private readonly SortedDictionary<ArtifactDigest, BundleFile> _included = [];
    private readonly List<LeftOutArtifact> _leftOut = [];
    private Spool? _spans;
    private ReplayResult? _replay;
    private string? _reportDigest;

    public async ValueTask AddEvidenceAsync(ISpanStore spans, CancellationToken cancellationToken)
    {
        await AddBytesAsync(BundleNames.Incident, IncidentJson.ToUtf8(incident), cancellationToken).ConfigureAwait(false);
        var named = await AddSpansAsync(spans, cancellationToken).ConfigureAwait(false);
        await foreach (var row in vault.FindAsync(named, cancellationToken).ConfigureAwait(false))
        {
            _rows.Add(row.Digest, row);
        }

        await AddRowsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var digest in named.Order())
        {
            await AddArtifactAsync(digest, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask AddReplayAsync(IEnumerable<IRcaEngine> engines, CancellationToken cancellationToken)
    {
        var content = new BundleContent(incident, _spans!.OpenRead, _rows, _included.ContainsKey, OpenIncludedAsync);
        _replay = await BundleReplay.RunAsync(content, engines, cancellationToken).ConfigureAwait(false);
        var stores = new BundleStores(content);
        _reportDigest = await new RcaReports(stores, BundleReplay.VaultOf(stores)).FindLatestDigestAsync(incident.Id, cancellationToken).ConfigureAwait(false);
        if (ArtifactDigest.TryParse(_reportDigest, out var digest) && _included.TryGetValue(digest, out var artifact))
        {
            _reportDigest = digest.ToString();
            _files.Add((artifact with { Name = BundleNames.Report }, token => OpenArtifactAsync(digest, token)));
        }
        else
        {
            _reportDigest = null;
        }

        await AddBytesAsync(BundleNames.Replay, ReplayJson.ToUtf8(_replay), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds what the audit has of the incident. It is no evidence: nothing of the replay rests on it, and nobody takes it in.</summary>
    public async ValueTask AddAuditAsync(ISpanStore spans, CancellationToken cancellationToken)
    {
        if (!options.IncludeAudit)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(FlushAt);
        await AddAsync(BundleNames.Audit, async stream =>
        {
            await foreach (var span in spans.ListAsync(new SpanQuery { IncidentId = SpanIds.AuditIncident }, cancellationToken).ConfigureAwait(false))
            {
                if (AuditSpan.Read(span)?.Entry.IncidentId == incident.Id)
                {
                    SpanJson.WriteCanonical(span, buffer);
                    buffer.Write("\n"u8);
                }

                if (buffer.WrittenCount > FlushAt)
                {
                    await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
                    buffer.ResetWrittenCount();
                }
            }

            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    public async ValueTask<BundleExport> SignAsync(SigningKey key, IReadOnlyList<string> decisionFindings, CancellationToken cancellationToken)
    {
        var explanation = BundleTexts.Readme(options.IncludeAudit);
        var readme = await DescribeAsync(BundleNames.Readme, explanation, cancellationToken).ConfigureAwait(false);
        var summed = _files.Select(file => file.File).Append(readme).ToList();
        await AddAsync(BundleNames.Sums, stream => BundleTexts.WriteSumsAsync(summed, stream, cancellationToken)).ConfigureAwait(false);
        await AddBytesAsync(BundleNames.Readme, explanation, cancellationToken).ConfigureAwait(false);

        var claims = new BundleClaims(
            incident.Id, options.IncludeUnmasked, _leftOut, _replay!.Verdict, _replay.ReplayDigest, _reportDigest)
        {
            DecisionFindings = decisionFindings,
        };
        var listed = _files.Select(file => file.File).ToList();
        var statement = await AddAsync(
            BundleNames.Statement, stream => BundleStatement.WriteAsync(claims, listed, stream, cancellationToken)).ConfigureAwait(false);

        var measure = new MeasuringStream();
        await using var measureDisposal = measure.ConfigureAwait(false);
        await Dsse.WritePaeAsync(statement.OpenRead(), measure, cancellationToken).ConfigureAwait(false);
        var signature = await key.SignAsync(measure.Sha256, cancellationToken).ConfigureAwait(false);
        await AddAsync(
            BundleNames.Envelope,
            stream => Dsse.WriteEnvelopeAsync(statement.OpenRead(), key.Public.KeyId, signature, stream, cancellationToken)).ConfigureAwait(false);
        await AddAsync(BundleNames.SignedBytes, stream => Dsse.WritePaeAsync(statement.OpenRead(), stream, cancellationToken)).ConfigureAwait(false);
        await AddBytesAsync(BundleNames.Signature, signature, cancellationToken).ConfigureAwait(false);
        await AddBytesAsync(BundleNames.PublicKey, Encoding.ASCII.GetBytes(key.Public.Pem), cancellationToken).ConfigureAwait(false);
        return new BundleExport(incident.Id, key.Public.KeyId, _files, _spools);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var spool in _spools)
        {
            await spool.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<HashSet<ArtifactDigest>> AddSpansAsync(ISpanStore spans, CancellationToken cancellationToken)
    {
        var writer = new BundleSpanWriter(incident.Id.ToString("D"));
        _spans = await AddAsync(BundleNames.Spans, stream => writer.WriteAsync(spans, stream, cancellationToken)).ConfigureAwait(false);
        foreach (var manifest in writer.Manifests)
        {
            var read = await vault.ReadAllVerifiedAsync(manifest, MostDocument, cancellationToken).ConfigureAwait(false);
            if (read.IsIntact && ArtifactDigest.TryParse(RcaJson.ReadManifest(read.Content.Span)?.SpanIndexDigest, out var index))
            {
                writer.Named.Add(index);
            }
        }

        return writer.Named;
    }

    private ValueTask<Spool> AddRowsAsync(CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAt);
        return AddAsync(BundleNames.ArtifactRows, async stream =>
        {
            foreach (var row in _rows.Values)
            {
                BundleLines.Write(row, buffer);
                buffer.Write("\n"u8);
                if (buffer.WrittenCount > FlushAt)
                {
                    await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
                    buffer.ResetWrittenCount();
                }
            }

            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        });
    }

    private async ValueTask AddArtifactAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        if (!_rows.TryGetValue(digest, out var row))
        {
            _leftOut.Add(new LeftOutArtifact(digest, LeftOutArtifact.Missing));
            return;
        }

        if (!row.PiiMasked && !options.IncludeUnmasked)
        {
            _leftOut.Add(new LeftOutArtifact(digest, LeftOutArtifact.Unmasked));
            return;
        }

        var read = await vault.SumAsync(digest, cancellationToken).ConfigureAwait(false);
        if (!read.IsIntact)
        {
            _leftOut.Add(new LeftOutArtifact(
                digest, read.Fault is ArtifactFault.Corrupt ? LeftOutArtifact.Changed : LeftOutArtifact.Missing));
            return;
        }

        var file = new BundleFile(BundleNames.OfArtifact(digest), read.Artifact.Length, read.Content, digest);
        _included.Add(digest, file);
        _files.Add((file, token => OpenArtifactAsync(digest, token)));
    }

    private async ValueTask<Stream?> OpenIncludedAsync(ArtifactDigest digest, CancellationToken cancellationToken) =>
        _included.ContainsKey(digest) ? await OpenArtifactAsync(digest, cancellationToken).ConfigureAwait(false) : null;

    private async ValueTask<Stream> OpenArtifactAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        var read = await vault.OpenVerifiedAsync(digest, cancellationToken).ConfigureAwait(false);
        return read.IsIntact
            ? read.Content
            : throw new StoreUnavailableException($"An artifact changed while the bundle was made. {read.Fault.Message}");
    }

    private ValueTask<Spool> AddBytesAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        AddAsync(name, stream => stream.WriteAsync(bytes, cancellationToken));

    private async ValueTask<Spool> AddAsync(string name, Func<Stream, ValueTask> write)
    {
        var spool = new Spool();
        _spools.Add(spool);
        var measure = new MeasuringStream(spool);
        await using var measureDisposal = measure.ConfigureAwait(false);
        await write(measure).ConfigureAwait(false);
        _files.Add((measure.Describe(name), _ => ValueTask.FromResult(spool.OpenRead())));
        return spool;
    }

    private static async ValueTask<BundleFile> DescribeAsync(string name, byte[] bytes, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(bytes, writable: false);
        return await MeasuringStream.MeasureAsync(name, content, cancellationToken).ConfigureAwait(false);
    }
}

using System.IO.Hashing;
using System.Security.Cryptography;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Streams;

namespace AgentOps.Rca.Bundles.Zip;

/// <summary>Measures what is written, and passes it on to another stream when there is one.</summary>
internal sealed class MeasuringStream(Stream? inner = null) : WriteOnlyStream
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Crc32 _crc32 = new();

    /// <summary>How many bytes were written.</summary>
    public long Count { get; private set; }

    /// <summary>The SHA-256 of what was written.</summary>
    public byte[] Sha256 => _sha256.GetCurrentHash();

    public static async ValueTask<BundleFile> MeasureAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        var measure = new MeasuringStream();
        await using var measureDisposal = measure.ConfigureAwait(false);
        await content.CopyToAsync(measure, 128 * 1024, cancellationToken).ConfigureAwait(false);
        return measure.Describe(name);
    }

    /// <summary>What was written, under a name.</summary>
    public BundleFile Describe(string name) => new(name, Count, _crc32.GetCurrentHashAsUInt32(), new ArtifactDigest(Sha256));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _sha256.AppendData(buffer.Span);
        _crc32.Append(buffer.Span);
        Count += buffer.Length;
        return inner is null ? ValueTask.CompletedTask : inner.WriteAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _sha256.Dispose();
        }

        base.Dispose(disposing);
    }
}

using System.Security.Cryptography;

namespace AgentOps.Rca.Bundles.Signing;

/// <summary>Signs with a private key in this process's memory.</summary>
internal sealed class PemSigner(ECDsa key) : IHashSigner, IDisposable
{
    // An ECDsa is not promised to be safe for concurrent use.
    private readonly Lock _lock = new();

    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return ValueTask.FromResult(key.SignHash(hash.Span, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }
    }

    public string ExportPem() => $"{key.ExportPkcs8PrivateKeyPem()}\n";

    public void Dispose() => key.Dispose();
}

using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Tests.Artifacts;
using AgentOps.Rca.Tests.Replay;

namespace AgentOps.Rca.Tests.Bundles;

/// <summary>Bundles whose key is kept by a service that signs and does not give it away.</summary>
public sealed class HashSignerTests
{
    [Theory]
    [InlineData(DSASignatureFormat.Rfc3279DerSequence, false)]
    [InlineData(DSASignatureFormat.Rfc3279DerSequence, true)]
    [InlineData(DSASignatureFormat.IeeeP1363FixedFieldConcatenation, false)]
    [InlineData(DSASignatureFormat.IeeeP1363FixedFieldConcatenation, true)]
    public async Task A_bundle_that_a_key_management_service_signed_verifies_here_and_with_openssl_whatever_form_the_service_answers_in(
        DSASignatureFormat format, bool high)
    {
        using var kms = new KeyService { Format = format, High = high };
        var recorded = await CreateAsync(kms);
        var bundle = await recorded.ExportAsync();
        Assert.Equal(1, kms.Signed);
        Assert.True((await recorded.VerifyAsync(bundle)).Checks.Signed.Ok);

        using var directory = new TemporaryDirectory();
        await using (var archive = new ZipArchive(new MemoryStream(bundle)))
        {
            await archive.ExtractToDirectoryAsync(directory.Path, TestContext.Current.CancellationToken);
        }

        Commands.Require("openssl");
        Commands.Run(0, directory.Path, "openssl dgst -sha256 -verify public-key.pem -signature attestation.sig attestation.pae");
    }

    [Fact]
    public async Task A_service_that_fails_or_takes_too_long_is_unavailable_and_the_caller_s_own_end_is_a_cancellation()
    {
        using var kms = new KeyService { Failure = new HttpRequestException("no route") };
        var recorded = await CreateAsync(kms);
        var failed = await Assert.ThrowsAsync<StoreUnavailableException>(() => recorded.ExportAsync());
        Assert.Same(kms.Failure, failed.InnerException);
        Assert.DoesNotContain("no route", failed.Message, StringComparison.Ordinal);

        // What an HttpClient throws when its own time is over.
        kms.Failure = new TaskCanceledException("timeout");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => recorded.ExportAsync());

        (kms.Failure, kms.Wait) = (null, Timeout.InfiniteTimeSpan);
        using var gone = new CancellationTokenSource();
        var export = recorded.Exporter.PrepareAsync(recorded.Incident.Id, options: null, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => export);
    }

    [Fact]
    public async Task What_is_no_signature_of_the_key_never_gets_into_a_bundle()
    {
        using var kms = new KeyService();
        using var other = new KeyService();
        var recorded = await CreateAsync(kms);
        foreach (var answer in new byte[]?[] { null, [], [0x30, 0], new byte[64], new byte[200], await other.SignAsync(new byte[32], TestContext.Current.CancellationToken) })
        {
            kms.Answer = _ => answer!;
            await Assert.ThrowsAsync<StoreUnavailableException>(() => recorded.ExportAsync());
        }
    }

    [Fact]
    public void A_key_that_is_kept_elsewhere_cannot_be_exported()
    {
        using var kms = new KeyService();
        using var key = kms.NewKey();
        Assert.Throws<InvalidOperationException>(() => key.ExportPem());
        Assert.DoesNotContain("PRIVATE", key.Public.Pem, StringComparison.Ordinal);
    }

    private static async Task<RecordedIncident> CreateAsync(KeyService kms)
    {
        var key = kms.NewKey();
        var recorded = new RecordedIncident { Key = key };
        await recorded.Incidents.AddAsync(recorded.Incident);
        await recorded.AddAsync(recorded.Span("root", 1_000_000, tool: "agent.run/orders"));
        recorded.Trusted.Add(key.Public);
        return recorded;
    }

    /// <summary>A service as those of the clouds are: it answers later, on another thread, and in a form of its own.</summary>
    private sealed class KeyService : IHashSigner, IDisposable
    {
        private static readonly BigInteger Order = BigInteger.Parse(
            "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public DSASignatureFormat Format { get; init; }

        public bool High { get; init; }

        public TimeSpan Wait { get; set; } = TimeSpan.FromMilliseconds(1);

        public Exception? Failure { get; set; }

        public Func<byte[], byte[]>? Answer { get; set; }

        public int Signed { get; private set; }

        public SigningKey NewKey() => SigningKey.Of(VerificationKey.TryParse(_key.ExportSubjectPublicKeyInfoPem())!, this);

        public async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
        {
            Assert.Equal(32, hash.Length);
            await Task.Delay(Wait, cancellationToken).ConfigureAwait(false);
            if (Failure is not null)
            {
                throw Failure;
            }

            Signed++;
            return Answer is { } answer ? answer([]) : Sign(hash.Span);
        }

        public void Dispose() => _key.Dispose();

        // Both halves of s are signatures; services give either.
        private byte[] Sign(ReadOnlySpan<byte> hash)
        {
            var pair = _key.SignHash(hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            var s = new BigInteger(pair.AsSpan(32), isUnsigned: true, isBigEndian: true);
            if ((s > Order / 2) != High)
            {
                var other = (Order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
                pair.AsSpan(32).Clear();
                other.CopyTo(pair.AsSpan(64 - other.Length));
            }

            return Format == DSASignatureFormat.IeeeP1363FixedFieldConcatenation ? pair : ToDer(pair);
        }

        private static byte[] ToDer(byte[] pair)
        {
            var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteIntegerUnsigned(pair.AsSpan(0, 32).TrimStart((byte)0));
                writer.WriteIntegerUnsigned(pair.AsSpan(32).TrimStart((byte)0));
            }

            return writer.Encode();
        }
    }
}

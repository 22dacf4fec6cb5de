using System.Buffers.Binary;
using System.Diagnostics;
using System.Formats.Asn1;
using System.Globalization;
using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.Replay;

namespace AgentOps.Rca.Tests.Bundles;

public sealed class BundleTamperTests
{
    private static readonly bool Full = Trial.IsFull;

    [Fact]
    public async Task Every_flipped_bit_is_noticed_and_its_place_named()
    {
        var (recorded, bundle) = await MakeAsync();
        var step = Full ? 1 : 101;
        for (var bit = 0; bit < bundle.Length * 8; bit += step)
        {
            bundle[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(await IsRefusedAsync(recorded, bundle), $"Bit {bit} was not noticed.");
            bundle[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.False(await IsRefusedAsync(recorded, bundle));
    }

    [Fact]
    public async Task Every_truncation_is_noticed()
    {
        var (recorded, bundle) = await MakeAsync();
        for (var length = 0; length < bundle.Length; length += Full ? 1 : 37)
        {
            using var cut = new MemoryStream(bundle, 0, length, writable: false);
            Assert.True(await IsRefusedAsync(recorded, cut), $"The cut at {length} was not noticed.");
        }
    }

    [Fact]
    public async Task Bytes_before_after_and_between_are_noticed()
    {
        var (recorded, bundle) = await MakeAsync();
        var directory = bundle.AsSpan().IndexOf("PK\u0001\u0002"u8);
        byte[] junk = [0];

        Assert.True(await IsRefusedAsync(recorded, [.. bundle, .. junk]));
        Assert.True(await IsRefusedAsync(recorded, [.. junk, .. bundle]));
        Assert.True(await IsRefusedAsync(recorded, [.. bundle, .. bundle]));
        Assert.True(await IsRefusedAsync(recorded, [.. bundle[..directory], .. junk, .. bundle[directory..]]));
        Assert.True(await IsRefusedAsync(recorded, [.. bundle[..^2], 1, 0, .. junk]));
    }

    [Fact]
    public async Task Files_that_are_swapped_doubled_removed_renamed_or_added_are_noticed()
    {
        var (recorded, bundle) = await MakeAsync();
        var files = ZipSurgeon.Unpack(bundle);
        Assert.Equal(bundle, await ZipSurgeon.PackAsync(files));
        for (var i = 0; i < files.Count; i++)
        {
            List<(string Name, byte[] Content)[]> variants =
            [
                [.. files[..i], .. files[(i + 1)..]],
                [.. files[..i], files[i], .. files[i..]],
                [.. files[..i], (files[i].Name.ToUpperInvariant(), files[i].Content), .. files[(i + 1)..]],
                [.. files[..i], files[i], (files[i].Name.ToUpperInvariant(), files[i].Content), .. files[(i + 1)..]],
                [.. files[..i], ($"../{files[i].Name}", files[i].Content), .. files[(i + 1)..]],
                [.. files[..i], ($"/{files[i].Name}", files[i].Content), .. files[(i + 1)..]],
                [.. files[..i], ("extra.txt", files[i].Content), .. files[i..]],
                [.. files[..i], (files[i].Name, [.. files[i].Content, (byte)'\n']), .. files[(i + 1)..]],
                [.. files[..i], (files[i].Name, []), .. files[(i + 1)..]],
            ];
            if (i + 1 < files.Count)
            {
                variants.Add([.. files[..i], files[i + 1], files[i], .. files[(i + 2)..]]);
                variants.Add([.. files[..i], (files[i].Name, files[i + 1].Content), (files[i + 1].Name, files[i].Content), .. files[(i + 2)..]]);
            }

            foreach (var (variant, number) in variants.Select((variant, number) => (variant, number)))
            {
                var isUppercaseAlready = variant.Length == files.Count && variant.Zip(files).All(pair => pair.First.Name == pair.Second.Name
                    && pair.First.Content.AsSpan().SequenceEqual(pair.Second.Content));
                Assert.True(
                    isUppercaseAlready || await IsRefusedAsync(recorded, await ZipSurgeon.PackAsync(variant)), $"Variant {number} of {files[i].Name} was not noticed.");
            }
        }
    }

    [Fact]
    public async Task An_artifact_that_nobody_names_is_noticed()
    {
        var (recorded, bundle) = await MakeAsync();
        var files = ZipSurgeon.Unpack(bundle);
        var content = "smuggled"u8.ToArray();
        files.Add(($"artifacts/{ArtifactDigest.Of(content)}", content));
        files = [.. files.Take(3), .. files.Where(file => file.Name.StartsWith("artifacts/", StringComparison.Ordinal)).OrderBy(file => file.Name, StringComparer.Ordinal),
            .. files.Skip(3).Where(file => !file.Name.StartsWith("artifacts/", StringComparison.Ordinal))];

        Assert.Equal("content of SHA256SUMS", (await VerifyAsync(recorded, await ZipSurgeon.PackAsync(files))).Region);
    }

    [Fact]
    public async Task A_bundle_that_somebody_else_signed_again_is_intact_and_not_valid()
    {
        var (recorded, bundle) = await MakeAsync();
        using var other = SigningKey.Generate();

        var verification = await VerifyAsync(recorded, await ZipSurgeon.PackAsync(Resign(ZipSurgeon.Unpack(bundle), other, Dsse.PayloadType, flip: false)));

        Assert.Equal((true, false, false), (verification.Checks.Intact.Ok, verification.Checks.Signed.Ok, verification.Valid));
    }

    [Fact]
    public async Task Another_payload_type_and_the_twin_of_a_signature_are_noticed()
    {
        var (recorded, bundle) = await MakeAsync();
        var files = ZipSurgeon.Unpack(bundle);

        var typed = await VerifyAsync(recorded, await ZipSurgeon.PackAsync(Resign(files, recorded.Key, "application/json", flip: false)));
        var twin = await VerifyAsync(recorded, await ZipSurgeon.PackAsync(Resign(files, recorded.Key, Dsse.PayloadType, flip: true)));

        Assert.Equal("content of attestation.pae", typed.Region);
        Assert.Equal("content of attestation.sig", twin.Region);
    }

    [Fact]
    public async Task Hostile_archives_are_refused_at_once_in_little_memory()
    {
        var (recorded, bundle) = await MakeAsync();
        var claim = bundle.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(claim.AsSpan(18), 0xFFFFFFFE);
        BinaryPrimitives.WriteUInt32LittleEndian(claim.AsSpan(22), 0xFFFFFFFE);
        byte[][] hostile = [Bomb(), await ManyEntriesAsync(), claim, [.. "PK\u0003\u0004"u8, .. new byte[1_000_000]]];
        foreach (var archive in hostile)
        {
            using var stream = new OneWayStream(archive);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var watch = Stopwatch.StartNew();

            var outcome = await recorded.Verifier.VerifyAsync(stream);

            Assert.False(outcome is BundleVerificationOutcome.Verified { Verification.Checks.Intact.Ok: true });
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), watch.Elapsed.ToString());
            Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 64 * 1024 * 1024);
        }
    }

    private static async Task<(RecordedIncident Recorded, byte[] Bundle)> MakeAsync()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var text = string.Concat(Enumerable.Range(0, 2_000).Select(i => i.ToString("d6", CultureInfo.InvariantCulture)));
        await recorded.AddAsync(recorded.Span("page", 1_000_050, result: await recorded.PutAsync(text)));
        var bundle = await recorded.ExportAsync();
        Assert.InRange(bundle.Length, 20_000, 60_000);
        return (recorded, bundle);
    }

    private static async Task<bool> IsRefusedAsync(RecordedIncident recorded, byte[] bundle) => await IsRefusedAsync(recorded, new MemoryStream(bundle));

    private static async Task<bool> IsRefusedAsync(RecordedIncident recorded, Stream bundle) => await recorded.Verifier.VerifyAsync(bundle) switch
    {
        BundleVerificationOutcome.NotABundle { Reason.Length: > 0 } => true,
        BundleVerificationOutcome.Verified { Verification: { Valid: false, Checks.Intact.Ok: false, Region.Length: > 0 } } => true,
        _ => false,
    };

    private static async Task<BundleVerification> VerifyAsync(RecordedIncident recorded, byte[] bundle) => await recorded.VerifyAsync(bundle);

    private static IEnumerable<(string Name, byte[] Content)> Resign(
        List<(string Name, byte[] Content)> files, SigningKey key, string payloadType, bool flip)
    {
        var statement = files.Single(file => file.Name == BundleNames.Statement).Content;
        byte[] pae = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {payloadType.Length} {payloadType} {statement.Length} ")), .. statement];
        var signature = key.Sign(SHA256.HashData(pae));
        signature = flip ? Twin(signature) : signature;
        var envelope = $"{{\"payload\":\"{Convert.ToBase64String(statement)}\",\"payloadType\":\"{payloadType}\","
            + $"\"signatures\":[{{\"keyid\":\"{key.Public.KeyId}\",\"sig\":\"{Convert.ToBase64String(signature)}\"}}]}}";
        return files.Select(file => file.Name switch
        {
            BundleNames.Envelope => (file.Name, Encoding.ASCII.GetBytes(envelope)),
            BundleNames.SignedBytes => (file.Name, pae),
            BundleNames.Signature => (file.Name, signature),
            BundleNames.PublicKey => (file.Name, Encoding.ASCII.GetBytes(key.Public.Pem)),
            _ => file,
        });
    }

    // (r, n - s) verifies wherever (r, s) does, unless low s is required.
    private static byte[] Twin(byte[] signature)
    {
        var order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var pair = new AsnReader(signature, AsnEncodingRules.DER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(pair.ReadInteger());
            writer.WriteInteger(order - pair.ReadInteger());
        }

        return writer.Encode();
    }

    private static byte[] Bomb()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry(BundleNames.Incident, CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[64 * 1024 * 1024]);
        }

        return stream.ToArray();
    }

    private static Task<byte[]> ManyEntriesAsync() => ZipSurgeon.PackAsync(
        Enumerable.Range(0, 1_000_000).Select(i => (i.ToString("d7", CultureInfo.InvariantCulture), Array.Empty<byte>())));
}

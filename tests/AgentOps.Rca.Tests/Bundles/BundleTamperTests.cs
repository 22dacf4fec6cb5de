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
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Bundles.Zip;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.Replay;

namespace AgentOps.Rca.Tests.Bundles;

public sealed class BundleTamperTests
{
    [Fact]
    public async Task Every_flipped_bit_is_noticed_and_its_place_named()
    {
        var (recorded, bundle) = await MakeAsync();
        var parts = ZipSurgeon.PartsOf(bundle);
        var step = Trial.Size(101, 1);
        var trials = 0;
        for (var bit = 0; bit < bundle.Length * 8; bit += step, trials++)
        {
            bundle[bit / 8] ^= (byte)(1 << (bit % 8));
            var region = await FindRegionAsync(recorded, new MemoryStream(bundle));
            bundle[bit / 8] ^= (byte)(1 << (bit % 8));
            var part = parts.Last(part => part.Offset <= bit / 8);
            Assert.True(region is not null, $"Bit {bit} in {part.Name} was not noticed.");
            Assert.True(part.Regions.Any(name => region.Contains(name, StringComparison.Ordinal)), $"Bit {bit} in {part.Name} was said to be in {region}.");
        }

        Assert.Null(await FindRegionAsync(recorded, new MemoryStream(bundle)));
        Trial.Report("Bundle: flipped bits", $"{trials} of a bundle of {bundle.Length} bytes, all refused, each with its region");
    }

    [Fact]
    public async Task Every_flipped_bit_of_a_file_is_noticed_when_the_archive_around_it_is_made_right_again()
    {
        var (recorded, bundle) = await MakeAsync();
        var files = ZipSurgeon.Unpack(bundle);
        var step = Trial.Size(997, 7);
        var trials = 0;
        foreach (var (_, content) in files)
        {
            for (var bit = 0; bit < content.Length * 8; bit += step, trials++)
            {
                content[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.True(await IsRefusedAsync(recorded, await ZipSurgeon.PackAsync(files)));
                content[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }

        Trial.Report("Bundle: flipped bits under consistent headers and sums of the archive", $"{trials}, all refused");
    }

    [Fact]
    public async Task Every_truncation_is_noticed()
    {
        var (recorded, bundle) = await MakeAsync();
        var trials = 0;
        for (var length = 0; length < bundle.Length; length += Trial.Size(37, 1), trials++)
        {
            using var cut = new MemoryStream(bundle, 0, length, writable: false);
            Assert.True(await IsRefusedAsync(recorded, cut), $"The cut at {length} was not noticed.");
        }

        Trial.Report("Bundle: truncations", $"{trials}, all refused");
    }

    [Fact]
    public async Task Comments_extra_fields_gaps_and_lies_about_sizes_are_noticed_where_they_are()
    {
        var (recorded, bundle) = await MakeAsync();
        var parts = ZipSurgeon.PartsOf(bundle);
        var second = parts.First(part => part.Name == "header of spans.jsonl").Offset;
        var central = parts.First(part => part.Name == "central directory record of incident.json").Offset;
        var end = parts[^1].Offset;

        async Task ExpectAsync(string expected, byte[] changed, string what)
        {
            var region = await FindRegionAsync(recorded, new MemoryStream(changed));
            Assert.True(region?.Contains(expected, StringComparison.Ordinal) == true, $"{what}: {region ?? "not noticed"}");
        }

        await ExpectAsync("end of the central directory", [.. bundle[..^2], 3, 0, .. "abc"u8], "a comment of the archive");
        await ExpectAsync("file after incident.json", [.. bundle[..second], 0, .. bundle[second..]], "a gap between files");
        await ExpectAsync("record of incident.json", [.. bundle[..central], 0, .. bundle[central..]], "a gap before the directory");
        await ExpectAsync("end of the central directory", [.. bundle[..end], 0, .. bundle[end..]], "a gap before the end");
        await ExpectAsync("incident.json", Changed(bundle, 6, 0x08), "a data descriptor");
        await ExpectAsync("incident.json", Changed(bundle, 8, 8), "compression");
        await ExpectAsync("incident.json", Changed(bundle, 4, 45), "a version of zip64 without its field");
        await ExpectAsync("incident.json", WithExtra(bundle, [0x01, 0x00, 0x10, 0x00, .. new byte[16]]), "an empty field of zip64");
        await ExpectAsync("incident.json", WithExtra(bundle, [0x55, 0x54, 0x01, 0x00, 0x00]), "an extra field");
        await ExpectAsync(
            "incident.json",
            WithExtra(Changed(Changed(bundle, 18, [255, 255, 255, 255]), 22, [255, 255, 255, 255]), [0x01, 0x00, 0x10, 0x00, .. bundle[22..26], 0, 0, 0, 0, .. bundle[18..22], 0, 0, 0, 0]),
            "sizes in zip64 that fit without it");
        await ExpectAsync(
            "incident.json",
            WithExtra(Changed(Changed(bundle, 18, [255, 255, 255, 255]), 22, [255, 255, 255, 255]), [0x01, 0x00, 0x10, 0x00, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 128]),
            "a negative size in zip64");
        await ExpectAsync("end of the central directory", Changed(bundle, end + 10, [255, 255]), "another count of entries");
        await ExpectAsync("end of the central directory", Changed(bundle, end + 16, [255, 255, 255, 255]), "an offset in zip64 that is not there");
        await ExpectAsync("record of incident.json", Changed(bundle, central + 38, [1]), "external attributes");
        await ExpectAsync("record of incident.json", Changed(bundle, central + 42, [1]), "another offset of a file");
    }

    [Fact]
    public async Task A_signature_in_any_other_form_is_noticed()
    {
        var (recorded, bundle) = await MakeAsync();
        var files = ZipSurgeon.Unpack(bundle);
        var signature = files.Single(file => file.Name == BundleNames.Signature).Content;
        byte[][] forms =
        [
            [.. signature, 0],
            [signature[0], (byte)(signature[1] + 1), .. signature[2..], 0],
            [signature[0], 0x81, signature[1], .. signature[2..]],
            [signature[0], (byte)(signature[1] + 1), 2, (byte)(signature[3] + 1), 0, .. signature[4..]],
            [],
            new byte[64],
            [0x30, 6, 2, 1, 0, 2, 1, 0],
        ];
        foreach (var form in forms)
        {
            var verification = await VerifyAsync(recorded, await ZipSurgeon.PackAsync(
                files.Select(file => file.Name == BundleNames.Signature ? (file.Name, form) : file)));
            Assert.Contains(BundleNames.Signature, verification.Region, StringComparison.Ordinal);
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
        var (slowest, most) = (TimeSpan.Zero, 0L);
        foreach (var archive in hostile)
        {
            // The least of three: what another test takes at the same time is not the archive's.
            var (time, memory) = (TimeSpan.MaxValue, long.MaxValue);
            for (var i = 0; i < 3; i++)
            {
                using var stream = new OneWayStream(archive);
                var before = GC.GetTotalAllocatedBytes(precise: true);
                var watch = Stopwatch.StartNew();

                var outcome = await recorded.Verifier.VerifyAsync(stream);

                time = watch.Elapsed < time ? watch.Elapsed : time;
                memory = Math.Min(memory, GC.GetTotalAllocatedBytes(precise: true) - before);
                Assert.False(outcome is BundleVerificationOutcome.Verified { Verification.Checks.Intact.Ok: true });
            }

            Assert.True(time < TimeSpan.FromSeconds(1), time.ToString());
            Assert.True(memory < 64 * 1024 * 1024, $"{memory} bytes");
            (slowest, most) = (time > slowest ? time : slowest, Math.Max(most, memory));
            var elsewhere = new RecordedIncident();
            using var body = new OneWayStream(archive);
            var imported = await new BundleImporter(elsewhere.Incidents, elsewhere.Spans, elsewhere.Rows, elsewhere.Contents, elsewhere).ImportAsync(body);
            Assert.True(imported is BundleImportOutcome.Altered or BundleImportOutcome.NotABundle);
            Assert.Null(await elsewhere.Incidents.GetAsync(elsewhere.Incident.Id));
        }

        Trial.Report("Bundle: hostile archives", $"{hostile.Length}, all refused; slowest {slowest.TotalMilliseconds:F1} ms, most memory allocated {most / 1024} KiB");
    }

    private static async Task<(RecordedIncident Recorded, byte[] Bundle)> MakeAsync()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var text = string.Concat(Enumerable.Range(0, 4_500).Select(i => i.ToString("d6", CultureInfo.InvariantCulture)));
        await recorded.AddAsync(recorded.Span("page", 1_000_050, result: await recorded.PutAsync(text)));
        var bundle = await recorded.ExportAsync();
        Assert.InRange(bundle.Length, 20_000, 60_000);
        return (recorded, bundle);
    }

    private static async Task<bool> IsRefusedAsync(RecordedIncident recorded, byte[] bundle) => await IsRefusedAsync(recorded, new MemoryStream(bundle));

    private static async Task<bool> IsRefusedAsync(RecordedIncident recorded, Stream bundle) => await FindRegionAsync(recorded, bundle) is not null;

    /// <summary>Where a bundle is said to be altered; null when it is not refused as such.</summary>
    private static async Task<string?> FindRegionAsync(RecordedIncident recorded, Stream bundle) => await recorded.Verifier.VerifyAsync(bundle) switch
    {
        BundleVerificationOutcome.NotABundle { Reason: { Length: > 0 } reason } => reason,
        BundleVerificationOutcome.Verified { Verification: { Valid: false, Checks.Intact.Ok: false, Region: { Length: > 0 } region } } => region,
        _ => null,
    };

    private static byte[] Changed(byte[] bundle, int offset, params byte[] bytes)
    {
        var changed = bundle.ToArray();
        bytes.CopyTo(changed, offset);
        return changed;
    }

    // An extra field in the header of the first file.
    private static byte[] WithExtra(byte[] bundle, byte[] extra)
    {
        var nameEnd = 30 + BinaryPrimitives.ReadUInt16LittleEndian(bundle.AsSpan(26));
        return [.. Changed(bundle, 28, (byte)extra.Length)[..nameEnd], .. extra, .. bundle[nameEnd..]];
    }

    private static async Task<BundleVerification> VerifyAsync(RecordedIncident recorded, byte[] bundle) => await recorded.VerifyAsync(bundle);

    private static IEnumerable<(string Name, byte[] Content)> Resign(
        List<(string Name, byte[] Content)> files, SigningKey key, string payloadType, bool flip)
    {
        var statement = files.Single(file => file.Name == BundleNames.Statement).Content;
        byte[] pae = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {payloadType.Length} {payloadType} {statement.Length} ")), .. statement];
        var signature = key.SignAsync(SHA256.HashData(pae), CancellationToken.None).AsTask().GetAwaiter().GetResult();
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

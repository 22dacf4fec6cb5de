using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace AgentOps.Rca.Tests.Artifacts;

public sealed class ArtifactVaultTests : IDisposable
{
    private const int Large = (1024 * 1024) + 4097;

    private readonly TemporaryDirectory _temporary = new();
    private readonly InMemoryArtifactStore _rows = new();
    private readonly FileSystemArtifactContentStore _contents;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2030-06-01T12:00:00.1234567Z", null));
    private readonly ArtifactVault _vault;

    public ArtifactVaultTests()
    {
        _contents = new FileSystemArtifactContentStore(_temporary.Path);
        _vault = new ArtifactVault(_rows, _contents, _clock);
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task The_first_row_stays_and_is_stamped_to_the_microsecond()
    {
        var first = await _vault.PutAsync(new byte[] { 1 }, "text/plain");
        _clock.Advance(TimeSpan.FromDays(1));
        var second = await _vault.PutAsync(new byte[] { 1 }, "application/json");
        Assert.True(first.Created);
        Assert.False(second.Created);
        Assert.Equal(first.Artifact, second.Artifact);
        Assert.Equal(DateTimeOffset.Parse("2030-06-01T12:00:00.123456Z", null), first.Artifact.CreatedTs);
    }

    [Fact]
    public async Task No_row_is_written_when_the_content_could_not_be()
    {
        var contents = Substitute.For<IArtifactContentStore>();
        contents.WriteAsync(null!, null, default).ReturnsForAnyArgs<StoredContent>(_ => throw new StoreUnavailableException("full"));
        var rows = Substitute.For<IArtifactStore>();
        var vault = new ArtifactVault(rows, contents, _clock);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await vault.PutAsync(new byte[] { 1 }, "text/plain"));
        await rows.DidNotReceiveWithAnyArgs().AddAsync(null!, default);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(Large)]
    public async Task Intact_content_is_served_whole_and_by_range(int length)
    {
        var bytes = GeneratedStream.Bytes(length);
        var digest = (await _vault.PutAsync(bytes, "text/plain")).Artifact.Digest;
        var read = await _vault.OpenVerifiedAsync(digest);
        Assert.True(read.IsIntact);
        await using var content = read.Content;
        Assert.True(content.CanSeek);
        Assert.Equal(length, content.Length);
        Assert.Equal(bytes, await ReadAsync(content));
        Assert.Equal(0, await content.ReadAsync(new byte[1]));

        content.Seek(-(length / 2), SeekOrigin.End);
        Assert.Equal(bytes[(length - (length / 2))..], await ReadAsync(content));
        content.Position = 0;
        Assert.Equal(bytes, await ReadAsync(content));
        Assert.Null(await _vault.CheckAsync(digest));
        Assert.Equal(bytes[..Math.Min(length, 256)], (await _vault.ReadPreviewAsync(digest)).Content.ToArray());
    }

    [Fact]
    public async Task Whichever_byte_of_a_file_is_flipped_it_is_never_served()
    {
        var digest = (await _vault.PutAsync(GeneratedStream.Bytes(4096), "text/plain")).Artifact.Digest;
        var path = Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(digest));
        var bytes = await File.ReadAllBytesAsync(path);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= (byte)(1 << (i % 8));
            await File.WriteAllBytesAsync(path, bytes);
            var read = await _vault.OpenVerifiedAsync(digest);
            Assert.False(read.IsIntact);
            Assert.Null(read.Content);
            Assert.Equal(ArtifactDigest.Of(bytes), Assert.IsType<ArtifactFault.Corrupt>(read.Fault).Actual.Digest);
            bytes[i] ^= (byte)(1 << (i % 8));
        }

        await File.WriteAllBytesAsync(path, bytes);
        Assert.Null(await _vault.CheckAsync(digest));
    }

    [Theory]
    [InlineData(100, "changed")]
    [InlineData(100, "cut")]
    [InlineData(100, "longer")]
    [InlineData(Large, "changed")]
    [InlineData(Large, "cut")]
    [InlineData(Large, "longer")]
    public async Task Damaged_content_is_a_fault_for_every_reader(int length, string damage)
    {
        var artifact = (await _vault.PutAsync(GeneratedStream.Bytes(length), "text/plain")).Artifact;
        var path = Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(artifact.Digest));
        FileSystemArtifactContentStoreTests.Damage(path, damage);
        var lies = await File.ReadAllBytesAsync(path);
        var expected = new ArtifactFault.Corrupt(artifact.Digest, length, new StoredContent(ArtifactDigest.Of(lies), lies.Length));

        Assert.Equal(expected, await _vault.CheckAsync(artifact.Digest));
        Assert.Equal(expected, (await _vault.OpenVerifiedAsync(artifact.Digest)).Fault);
        Assert.Equal(expected, (await _vault.ReadPreviewAsync(artifact.Digest)).Fault);
        Assert.Equal(expected, (await _vault.ReadAllVerifiedAsync(artifact.Digest, 10_000_000)).Fault);
        Assert.Contains(expected.Actual.Digest.ToString(), expected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_under_the_name_of_another_is_a_fault()
    {
        var (one, two) = ((await _vault.PutAsync(new byte[] { 1 }, "a/b")).Artifact.Digest, (await _vault.PutAsync(new byte[] { 2 }, "a/b")).Artifact.Digest);
        File.Copy(
            Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(one)),
            Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(two)),
            overwrite: true);
        Assert.Equal(new ArtifactFault.Corrupt(two, 1, new StoredContent(one, 1)), await _vault.CheckAsync(two));
        Assert.Null(await _vault.CheckAsync(one));
    }

    [Fact]
    public async Task A_row_that_says_another_length_is_a_fault_and_refuses_the_next_upload()
    {
        var stored = await _contents.WriteAsync(new GeneratedStream(10));
        await _rows.AddAsync(new Artifact { Digest = stored.Digest, Length = 11, Mime = "a/b", CreatedTs = _clock.GetUtcNow() });
        Assert.Equal(new ArtifactFault.Corrupt(stored.Digest, 11, stored), await _vault.CheckAsync(stored.Digest));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await _vault.PutAsync(GeneratedStream.Bytes(10), "a/b"));
    }

    [Fact]
    public async Task A_missing_row_and_missing_content_are_told_apart()
    {
        var digest = (await _vault.PutAsync(new byte[] { 1 }, "a/b")).Artifact.Digest;
        File.Delete(Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(digest)));
        var missing = await _vault.OpenVerifiedAsync(digest);
        Assert.Equal(new ArtifactFault.ContentMissing(digest), missing.Fault);
        Assert.Equal(digest, missing.Artifact?.Digest);

        var unknown = await _vault.OpenVerifiedAsync(ArtifactDigest.Empty);
        Assert.Equal(new ArtifactFault.Unknown(ArtifactDigest.Empty), unknown.Fault);
        Assert.Null(unknown.Artifact);
    }

    [Fact]
    public async Task A_reader_is_not_given_more_than_it_takes()
    {
        var bytes = GeneratedStream.Bytes(Large);
        var digest = (await _vault.PutAsync(bytes, "a/b")).Artifact.Digest;
        Assert.Equal(new ArtifactFault.TooLarge(digest, Large, Large - 1), (await _vault.ReadAllVerifiedAsync(digest, Large - 1)).Fault);
        Assert.Equal(bytes, (await _vault.ReadAllVerifiedAsync(digest, Large)).Content.ToArray());
    }

    [Fact]
    public async Task Missing_digests_are_found_once_and_in_order()
    {
        var known = (await _vault.PutAsync(new byte[] { 1 }, "a/b")).Artifact.Digest;
        var (b, a) = (ArtifactDigest.Of("b"u8), ArtifactDigest.Of("a"u8));
        Assert.Equivalent(new[] { a, b }, await _vault.FindMissingAsync([b, known, a, b]), strict: true);
        Assert.Empty(await _vault.FindMissingAsync([]));
    }

    [Fact]
    public async Task Large_content_that_changes_after_it_was_verified_does_not_end()
    {
        var digest = (await _vault.PutAsync(GeneratedStream.Bytes(Large), "a/b")).Artifact.Digest;
        var read = await _vault.OpenVerifiedAsync(digest);
        await using var content = read.Content!;
        FileSystemArtifactContentStoreTests.Damage(
            Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(digest)), "changed");
        using var received = new MemoryStream();
        var failure = await Assert.ThrowsAsync<ArtifactDigestMismatchException>(async () => await content.CopyToAsync(received, 65536));
        Assert.Equal(digest, failure.Expected);
        Assert.True(received.Length < Large);

        content.Position = 0;
        Assert.Throws<ArtifactDigestMismatchException>(() => content.CopyTo(Stream.Null));
    }

    [Fact]
    public async Task Large_content_that_is_cut_after_it_was_verified_does_not_end()
    {
        var digest = (await _vault.PutAsync(GeneratedStream.Bytes(Large), "a/b")).Artifact.Digest;
        await using var content = (await _vault.OpenVerifiedAsync(digest)).Content!;
        FileSystemArtifactContentStoreTests.Damage(
            Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(digest)), "cut");
        await Assert.ThrowsAsync<ArtifactDigestMismatchException>(async () => await content.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task A_drive_that_cannot_be_read_is_an_unavailable_store()
    {
        var digest = (await _vault.PutAsync(new byte[] { 1 }, "a/b")).Artifact.Digest;
        var broken = Substitute.For<Stream>();
        broken.Length.Returns(1);
        broken.ReadAsync(Memory<byte>.Empty, default).ReturnsForAnyArgs<int>(_ => throw new IOException("Input/output error"));
        var contents = Substitute.For<IArtifactContentStore>();
        contents.OpenAsync(digest).ReturnsForAnyArgs(broken);
        var vault = new ArtifactVault(_rows, contents, _clock);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await vault.CheckAsync(digest));
        Assert.Contains("Input/output error", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadAsync(Stream content)
    {
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}

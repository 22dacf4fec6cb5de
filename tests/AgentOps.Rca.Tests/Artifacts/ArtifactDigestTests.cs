using System.Text;
using AgentOps.Rca.Artifacts;
using CsCheck;

namespace AgentOps.Rca.Tests.Artifacts;

public sealed class ArtifactDigestTests
{
    private const string OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    // FIPS 180-4's examples.
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", OfAbc)]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void A_digest_is_the_sha256_in_lowercase_hexadecimal(string content, string digest) =>
        Assert.Equal(digest, ArtifactDigest.Of(Encoding.UTF8.GetBytes(content)).ToString());

    [Fact]
    public void The_digest_of_nothing_has_a_name() => Assert.Equal(ArtifactDigest.Of([]), ArtifactDigest.Empty);

    [Theory]
    [InlineData(OfAbc)]
    [InlineData("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("sha256:" + OfAbc)]
    [InlineData("SHA256:" + OfAbc)]
    public void Either_case_and_the_prefix_are_read(string text)
    {
        Assert.True(ArtifactDigest.TryParse(text, out var digest));
        Assert.Equal(OfAbc, digest.ToString());
        Assert.Equal(digest, ArtifactDigest.Parse(text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData(OfAbc + "0")]
    [InlineData(" " + OfAbc)]
    [InlineData("sha512:" + OfAbc)]
    [InlineData("sha256:sha256:" + OfAbc)]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")]
    [InlineData("ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("٠a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(ArtifactDigest.TryParse(text, out var digest));
        Assert.Equal(default, digest);
        if (text is not null)
        {
            Assert.Throws<FormatException>(() => ArtifactDigest.Parse(text));
        }
    }

    [Fact]
    public void Text_bytes_and_order_agree() => Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[32]).Sample((left, right) =>
    {
        var (a, b) = (new ArtifactDigest(left), new ArtifactDigest(right));
        Assert.Equal(a, ArtifactDigest.Parse(a.ToString()));
        Assert.Equal(left, a.ToArray());
        var order = Math.Sign(left.AsSpan().SequenceCompareTo(right));
        Assert.Equal(order, Math.Sign(a.CompareTo(b)));
        Assert.Equal(order, Math.Sign(string.CompareOrdinal(a.ToString(), b.ToString())));
        Assert.Equal([order < 0, order > 0, order <= 0, order >= 0], (bool[])[(a < b), (a > b), (a <= b), (a >= b)]);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Other_lengths_are_refused(int length) => Assert.Throws<ArgumentException>(() => new ArtifactDigest(new byte[length]));
}

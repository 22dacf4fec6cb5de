using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Tests.Artifacts;

public sealed class ReprDigestTests
{
    // RFC 9530, appendix A: the representation {"hello": "world"} followed by a line feed.
    private const string Rfc = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

    private static readonly ArtifactDigest Hello = ArtifactDigest.Of("{\"hello\": \"world\"}\n"u8);

    [Theory]
    [InlineData(Rfc)]
    [InlineData("  " + Rfc + "  ")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg:")]
    [InlineData("md5=:AAAA:, " + Rfc)]
    [InlineData("md5=:AAAA:\t,\t" + Rfc + ",unixsum=:AQ==:")]
    [InlineData(Rfc + ";q=1;flag;when=@1659578233;text=\"a\\\"b\";bytes=:AQ==:;yes=?1;t=*a/b, sha-512=::")]
    [InlineData("sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:, " + Rfc)]
    public void The_sha_256_of_the_field_is_read(string value)
    {
        Assert.True(ReprDigest.TryParse(value, out var digest, out var problem), problem);
        Assert.Equal(Hello, digest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha-512=:AAAA:")]
    [InlineData("sha=:AAAA:,md5=:AAAA:")]
    public void Other_algorithms_are_ignored(string value)
    {
        Assert.True(ReprDigest.TryParse(value, out var digest, out var problem), problem);
        Assert.Null(digest);
    }

    [Theory]
    [InlineData("sha-256", "a byte sequence")]
    [InlineData("sha-256=", "a byte sequence")]
    [InlineData("sha-256=abc", "a byte sequence")]
    [InlineData("sha-256=\"abc\"", "a byte sequence")]
    [InlineData("sha-256=:abc", "end with ':'")]
    [InlineData("sha-256=:a c=:", "end with ':' at character 11")]
    [InlineData("sha-256=:a=bc:", "not base64")]
    [InlineData("sha-256=:a:", "not base64")]
    [InlineData("sha-256=:AAAA:", "32 bytes, not 3")]
    [InlineData("sha-256=::", "32 bytes, not 0")]
    [InlineData("SHA-256=:AAAA:", "lower case")]
    [InlineData("=:AAAA:", "a key")]
    [InlineData(",", "a key")]
    [InlineData(Rfc + ",", "another member")]
    [InlineData(Rfc + " md5=:AAAA:", "a comma")]
    [InlineData(Rfc + ";", "a key")]
    [InlineData(Rfc + ";a=", "a parameter's value")]
    [InlineData(Rfc + ";a=\"b", "not closed")]
    [InlineData(Rfc + ";a=\"b\\", "not closed")]
    [InlineData(Rfc + ", md5=\u00e4", "a byte sequence")]
    public void What_is_malformed_is_named(string value, string problem)
    {
        Assert.False(ReprDigest.TryParse(value, out var digest, out var reason));
        Assert.Null(digest);
        Assert.StartsWith("Repr-Digest: ", reason, StringComparison.Ordinal);
        Assert.Contains(problem, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        Assert.Equal(Rfc, ReprDigest.Format(Hello));
        Assert.True(ReprDigest.TryParse(ReprDigest.Format(ArtifactDigest.Empty), out var digest, out _));
        Assert.Equal(ArtifactDigest.Empty, digest);
    }
}

using System.Security.Cryptography;
using AgentOps.Rca.Bundles.Signing;

namespace AgentOps.Rca.Tests.Bundles;

public sealed class VerificationKeyTests
{
    [Fact]
    public void What_is_no_key_on_P256_is_told_by_null_whatever_the_platform_thinks_of_it()
    {
        using var key = SigningKey.Generate();
        var spki = PemOf(key.Public);
        for (var bit = 0; bit < spki.Length * 8; bit++)
        {
            spki[bit / 8] ^= (byte)(1 << (bit % 8));
            using var read = VerificationKey.TryParse(PemEncoding.WriteString("PUBLIC KEY", spki));
            // Some bits do not matter to OpenSSL; what is read then is written in the one form, and a bundle must carry that.
            Assert.True(read is null || read.KeyId != key.Public.KeyId || read.Pem == key.Public.Pem);
            spki[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Null(VerificationKey.TryParse(other.ExportSubjectPublicKeyInfoPem()));
        Assert.Null(VerificationKey.TryParse(key.ExportPem()));
        Assert.Null(VerificationKey.TryParse(""));
    }

    // S19: P-256, given by its parameters and not by its name.
    [Fact]
    public void A_key_whose_curve_has_no_name_is_none()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var named = key.ExportParameters(includePrivateParameters: false);
        using var unnamed = ECDsa.Create();
        unnamed.ImportParameters(key.ExportExplicitParameters(includePrivateParameters: false));
        Assert.NotNull(named.Curve.Oid);
        Assert.Null(VerificationKey.TryParse(unnamed.ExportSubjectPublicKeyInfoPem()));
    }

    [Fact]
    public void Several_keys_are_read_from_one_text_and_a_wrong_one_is_named_by_its_place()
    {
        using var first = SigningKey.Generate();
        using var second = SigningKey.Generate();

        Assert.Equal(
            [first.Public.KeyId, second.Public.KeyId],
            TrustedKeys.ReadAll($"ours\n{first.Public.Pem}\nof a partner\n{second.Public.Pem}").Select(key => key.KeyId));
        Assert.Contains(
            "Key 2", Assert.Throws<FormatException>(() => TrustedKeys.ReadAll($"{first.Public.Pem}{second.ExportPem()}")).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => TrustedKeys.ReadAll("nothing"));
    }

    private static byte[] PemOf(VerificationKey key) =>
        Convert.FromBase64String(key.Pem.Replace("-----BEGIN PUBLIC KEY-----", "", StringComparison.Ordinal)
            .Replace("-----END PUBLIC KEY-----", "", StringComparison.Ordinal).ReplaceLineEndings(""));
}

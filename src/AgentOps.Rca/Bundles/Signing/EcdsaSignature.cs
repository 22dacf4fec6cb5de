using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace AgentOps.Rca.Bundles.Signing;

/// <summary>
/// ECDSA P-256 signatures in the one form that is accepted: DER, s in the lower half of the group's order. Without the second rule
/// everybody could turn a valid signature (r, s) into another valid one, (r, n − s).
/// </summary>
internal static class EcdsaSignature
{
    /// <summary>The longest DER form of two numbers of 256 bits.</summary>
    public const int MostBytes = 72;

    private const int FieldSize = 32;

    // The order n of P-256: SEC 2, section 2.4.2.
    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber,
        System.Globalization.CultureInfo.InvariantCulture);

    private static readonly BigInteger HalfOrder = Order >> 1;

    /// <summary>The accepted form of a signature in DER, or of r and s of 32 bytes each. Bytes that can be read as both have two.</summary>
    public static IEnumerable<byte[]> FormsOf(byte[] signature) =>
        from pair in signature.Length > MostBytes ? [] : new[] { Decode(signature), ReadFixed(signature) }
        where pair is var (r, s) && r >= 1 && r < Order && s >= 1 && s < Order
        select Encode(pair.Value.R, pair.Value.S > HalfOrder ? Order - pair.Value.S : pair.Value.S);

    /// <summary>Whether the signature is in the accepted form and is the key's for this hash.</summary>
    public static bool Verify(ECDsa key, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (signature.Length > MostBytes || Decode(signature) is not var (r, s)
            || r < 1 || r >= Order || s < 1 || s > HalfOrder || !Encode(r, s).AsSpan().SequenceEqual(signature))
        {
            return false;
        }

        Span<byte> fixedForm = stackalloc byte[2 * FieldSize];
        fixedForm.Clear();
        Write(r, fixedForm[..FieldSize]);
        Write(s, fixedForm[FieldSize..]);
        return key.VerifyHash(hash, fixedForm, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static (BigInteger R, BigInteger S)? ReadFixed(ReadOnlySpan<byte> signature) => signature.Length == 2 * FieldSize
        ? (new BigInteger(signature[..FieldSize], isUnsigned: true, isBigEndian: true), new BigInteger(signature[FieldSize..], isUnsigned: true, isBigEndian: true))
        : null;

    private static (BigInteger R, BigInteger S)? Decode(ReadOnlySpan<byte> signature)
    {
        try
        {
            var reader = new AsnReader(signature.ToArray(), AsnEncodingRules.DER);
            var pair = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var r = pair.ReadInteger();
            var s = pair.ReadInteger();
            pair.ThrowIfNotEmpty();
            return (r, s);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static byte[] Encode(BigInteger r, BigInteger s)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(s);
        }

        return writer.Encode();
    }

    private static void Write(BigInteger value, Span<byte> destination)
    {
        var length = value.GetByteCount(isUnsigned: true);
        value.TryWriteBytes(destination[(FieldSize - length)..], out _, isUnsigned: true, isBigEndian: true);
    }
}

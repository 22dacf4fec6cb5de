using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.Artifacts;

/// <summary>The SHA-256 of an artifact's bytes, which is its id. Written as 64 lowercase hexadecimal digits.</summary>
[JsonConverter(typeof(ArtifactDigestJsonConverter))]
public readonly record struct ArtifactDigest : IComparable<ArtifactDigest>
{
    /// <summary>The length of the digest's text form.</summary>
    public const int TextLength = 64;

    private const string Prefix = "sha256:";
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Makes a digest from its 32 bytes.</summary>
    /// <param name="hash">The 32 bytes of a SHA-256.</param>
    /// <exception cref="ArgumentException">It is not 32 bytes long.</exception>
    public ArtifactDigest(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != SHA256.HashSizeInBytes)
        {
            throw new ArgumentException($"A SHA-256 has {SHA256.HashSizeInBytes} bytes, not {hash.Length}.", nameof(hash));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(hash);
        _b = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(hash[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(hash[24..]);
    }

    /// <summary>The digest of no bytes at all.</summary>
    public static ArtifactDigest Empty { get; } = Of([]);

    /// <summary>The digest of these bytes.</summary>
    /// <param name="content">The artifact's bytes.</param>
    public static ArtifactDigest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return new ArtifactDigest(hash);
    }

    /// <summary>Reads a digest: 64 hexadecimal digits in either case, with or without <c>sha256:</c> in front.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="digest">The digest when the text is one.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out ArtifactDigest digest)
    {
        digest = default;
        if (text is null)
        {
            return false;
        }

        var hex = text.AsSpan();
        if (hex.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            hex = hex[Prefix.Length..];
        }

        if (hex.Length != TextLength || hex.ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Convert.FromHexString(hex, hash, out _, out _);
        digest = new ArtifactDigest(hash);
        return true;
    }

    /// <summary>The same of UTF-8.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> utf8, out ArtifactDigest digest)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (utf8.Length == TextLength && Convert.FromHexString(utf8, hash, out _, out _) == OperationStatus.Done)
        {
            digest = new ArtifactDigest(hash);
            return true;
        }

        return TryParse(Encoding.UTF8.GetString(utf8), out digest);
    }

    /// <summary>Reads a digest like <see cref="TryParse(string, out ArtifactDigest)"/>.</summary>
    /// <param name="text">The text to read.</param>
    /// <exception cref="FormatException">The text is not a digest.</exception>
    public static ArtifactDigest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException("A digest is the 64 hexadecimal digits of a SHA-256.");

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        CopyTo(hash);
        return hash;
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>Writes the 64 lowercase hexadecimal digits as ASCII.</summary>
    /// <param name="destination">At least 64 bytes.</param>
    public void CopyHexTo(Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        CopyTo(hash);
        Convert.TryToHexStringLower(hash, destination, out _);
    }

    /// <summary>Writes the 64 lowercase hexadecimal digits as UTF-16.</summary>
    /// <param name="destination">At least 64 characters.</param>
    internal void CopyHexTo(Span<char> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        CopyTo(hash);
        Convert.TryToHexStringLower(hash, destination, out _);
    }

    // Any part of a SHA-256 is as good as another; sets of a million are asked for theirs.
    /// <inheritdoc/>
    public override int GetHashCode() => (_a ^ _b ^ _c ^ _d).GetHashCode();

    /// <summary>A hash that nobody outside can foresee: what spans name as digests need be none.</summary>
    internal int GetSeededHashCode() => string.GetHashCode(MemoryMarshal.Cast<ArtifactDigest, char>(new ReadOnlySpan<ArtifactDigest>(in this)));

    /// <summary>What it begins with, as a number of the same order.</summary>
    internal ulong Start => _a;

    /// <inheritdoc/>
    public int CompareTo(ArtifactDigest other) =>
        _a != other._a ? _a.CompareTo(other._a) : _b != other._b ? _b.CompareTo(other._b) : _c != other._c ? _c.CompareTo(other._c) : _d.CompareTo(other._d);

    /// <summary>64 lowercase hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        CopyTo(hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Whether the left digest sorts before the right one.</summary>
    public static bool operator <(ArtifactDigest left, ArtifactDigest right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left digest sorts before the right one or equals it.</summary>
    public static bool operator <=(ArtifactDigest left, ArtifactDigest right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left digest sorts after the right one.</summary>
    public static bool operator >(ArtifactDigest left, ArtifactDigest right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left digest sorts after the right one or equals it.</summary>
    public static bool operator >=(ArtifactDigest left, ArtifactDigest right) => left.CompareTo(right) >= 0;
}

using System.Globalization;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Why an artifact could not be read. A closed set: <see cref="Unknown"/>, <see cref="ContentMissing"/>, <see cref="Corrupt"/> and
/// <see cref="TooLarge"/>. These are findings, not exceptions: a missing or changed artifact is evidence too.
/// </summary>
public abstract record ArtifactFault
{
    private ArtifactFault(ArtifactDigest digest) => Digest = digest;

    /// <summary>The digest that was asked for.</summary>
    public ArtifactDigest Digest { get; }

    /// <summary>The fault as a sentence.</summary>
    public abstract string Message { get; }

    /// <summary>No row has this digest: nothing is known of the artifact.</summary>
    public sealed record Unknown : ArtifactFault
    {
        /// <summary>Makes the fault.</summary>
        /// <param name="digest">The digest that was asked for.</param>
        public Unknown(ArtifactDigest digest)
            : base(digest)
        {
        }

        /// <inheritdoc/>
        public override string Message => $"The artifact {Digest} is not known.";
    }

    /// <summary>The row is there, its content is not.</summary>
    public sealed record ContentMissing : ArtifactFault
    {
        /// <summary>Makes the fault.</summary>
        /// <param name="digest">The digest that was asked for.</param>
        public ContentMissing(ArtifactDigest digest)
            : base(digest)
        {
        }

        /// <inheritdoc/>
        public override string Message => $"The content of the artifact {Digest} is missing.";
    }

    /// <summary>The content is there but is not what was stored.</summary>
    public sealed record Corrupt : ArtifactFault
    {
        /// <summary>Makes the fault.</summary>
        /// <param name="digest">The digest that was asked for.</param>
        /// <param name="length">How many bytes the row says there are.</param>
        /// <param name="actual">What lies there.</param>
        public Corrupt(ArtifactDigest digest, long length, StoredContent actual)
            : base(digest)
        {
            Length = length;
            Actual = actual;
        }

        /// <summary>How many bytes the row says there are.</summary>
        public long Length { get; }

        /// <summary>The digest and the length of what lies there.</summary>
        public StoredContent Actual { get; }

        /// <inheritdoc/>
        public override string Message => string.Create(
            CultureInfo.InvariantCulture,
            $"The content of the artifact {Digest} was changed: {Length} bytes were recorded, {Actual.Length} bytes with the SHA-256 {Actual.Digest} are there.");
    }

    /// <summary>The artifact has more bytes than the reader takes. Nothing is said of its content, which was not read.</summary>
    public sealed record TooLarge : ArtifactFault
    {
        /// <summary>Makes the fault.</summary>
        /// <param name="digest">The digest that was asked for.</param>
        /// <param name="length">How many bytes the artifact has.</param>
        /// <param name="maxBytes">How many bytes the reader takes.</param>
        public TooLarge(ArtifactDigest digest, long length, int maxBytes)
            : base(digest)
        {
            Length = length;
            MaxBytes = maxBytes;
        }

        /// <summary>How many bytes the artifact has.</summary>
        public long Length { get; }

        /// <summary>How many bytes the reader takes.</summary>
        public int MaxBytes { get; }

        /// <inheritdoc/>
        public override string Message => string.Create(
            CultureInfo.InvariantCulture, $"The artifact {Digest} has {Length} bytes, more than the {MaxBytes} that are read at once.");
    }
}

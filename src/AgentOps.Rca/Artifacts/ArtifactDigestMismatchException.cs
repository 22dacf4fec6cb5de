namespace AgentOps.Rca.Artifacts;

/// <summary>Bytes do not hash to the digest they were announced or stored under. They are neither stored nor served.</summary>
public sealed class ArtifactDigestMismatchException : Exception
{
    /// <summary>Makes the exception without a message.</summary>
    public ArtifactDigestMismatchException()
    {
    }

    /// <summary>Makes the exception with a message.</summary>
    /// <param name="message">What was compared.</param>
    public ArtifactDigestMismatchException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with a message and a cause.</summary>
    /// <param name="message">What was compared.</param>
    /// <param name="innerException">The cause.</param>
    public ArtifactDigestMismatchException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception for two digests.</summary>
    /// <param name="expected">The digest the bytes should have.</param>
    /// <param name="actual">The digest they have.</param>
    public ArtifactDigestMismatchException(ArtifactDigest expected, ArtifactDigest actual)
        : base($"The content has the SHA-256 {actual}, not {expected}.")
    {
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The digest the bytes should have.</summary>
    public ArtifactDigest Expected { get; }

    /// <summary>The digest they have.</summary>
    public ArtifactDigest Actual { get; }
}

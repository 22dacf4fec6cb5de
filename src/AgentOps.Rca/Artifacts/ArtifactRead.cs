using System.Diagnostics.CodeAnalysis;

namespace AgentOps.Rca.Artifacts;

/// <summary>What a verified read found: either a row and content that match, or the fault.</summary>
/// <typeparam name="TContent">The form of the content: a stream or bytes.</typeparam>
/// <example>
/// <code>
/// var read = await vault.OpenVerifiedAsync(digest);
/// if (!read.IsIntact)
/// {
///     return Explain(read.Fault);
/// }
///
/// await using var content = read.Content;
/// </code>
/// </example>
public sealed class ArtifactRead<TContent>
    where TContent : notnull
{
    /// <summary>Makes the result of a read that found verified content.</summary>
    /// <param name="artifact">The row.</param>
    /// <param name="content">The content.</param>
    public ArtifactRead(Artifact artifact, TContent content)
    {
        ArgumentNullException.ThrowIfNull(artifact);
        ArgumentNullException.ThrowIfNull(content);
        Artifact = artifact;
        Content = content;
    }

    /// <summary>Makes the result of a read that found a fault, and no row.</summary>
    /// <param name="fault">The fault.</param>
    public ArtifactRead(ArtifactFault fault)
        : this(fault, artifact: null)
    {
    }

    /// <summary>Makes the result of a read that found a fault.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="artifact">The row, when there is one.</param>
    public ArtifactRead(ArtifactFault fault, Artifact? artifact)
    {
        ArgumentNullException.ThrowIfNull(fault);
        Fault = fault;
        Artifact = artifact;
    }

    /// <summary>The row; null only when the fault is <see cref="ArtifactFault.Unknown"/>.</summary>
    public Artifact? Artifact { get; }

    /// <summary>The verified content. Null, or empty, when there is a fault.</summary>
    public TContent? Content { get; }

    /// <summary>Why there is no content, or null.</summary>
    public ArtifactFault? Fault { get; }

    /// <summary>Whether the content is there and is what was stored.</summary>
    [MemberNotNullWhen(true, nameof(Artifact), nameof(Content))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsIntact => Fault is null;
}

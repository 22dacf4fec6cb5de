using System.Globalization;

namespace AgentOps.Rca.Importing;

/// <summary>A place in a file that was taken in.</summary>
/// <param name="Line">The line, from 1; 0 where the content has no lines.</param>
/// <param name="Offset">The byte of the unpacked content, from 0.</param>
/// <param name="Pointer">The JSON pointer within the document, or within the line of a file of JSON lines; null is the whole.</param>
/// <param name="Member">The file within an archive; null when the file is none.</param>
public readonly record struct FilePlace(long Line, long Offset, string? Pointer = null, string? Member = null)
{
    /// <summary>The place as people write it: <c>member:line pointer</c>, with the byte where there are no lines.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Member is null ? "" : Member + ":")}{(Line > 0 ? $"{(Member is null ? "line " : "")}{Line}" : $"byte {Offset}")}{(Pointer is null ? "" : " " + Pointer)}");
}

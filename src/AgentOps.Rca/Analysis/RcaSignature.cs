using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// The class of a failure: category, tool and error class, joined by <c>|</c>. What looks like an id (a GUID, eight or more hexadecimal
/// digits, four or more decimal ones) is written as <c>*</c>, so that a tool with an order's number in its name is one tool.
/// </summary>
/// <param name="Category">The class of the cause.</param>
/// <param name="Tool">The tool where it lies.</param>
/// <param name="ErrorClass">The class of the error; empty when there is none.</param>
internal sealed partial record RcaSignature(string Category, string Tool, string ErrorClass)
{
    private const char Separator = '|';

    /// <summary>Makes a signature of what an engine found.</summary>
    /// <param name="category">The class of the cause.</param>
    /// <param name="tool">The tool where it lies.</param>
    /// <param name="errorClass">The class of the error, or null.</param>
    public static RcaSignature Of(string category, string tool, string? errorClass) => new(Clean(category), ToolClass(tool), Clean(errorClass ?? ""));

    /// <summary>A tool's name as signatures have it.</summary>
    /// <param name="tool">The name.</param>
    public static string ToolClass(string tool) => Clean(tool);

    /// <summary>Reads a signature back.</summary>
    /// <param name="text">Its text.</param>
    /// <returns>The signature; null when the text is none of this library's.</returns>
    public static RcaSignature? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(Separator) is [var category, var tool, var errorClass] ? new RcaSignature(category, tool, errorClass) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Category}{Separator}{Tool}{Separator}{ErrorClass}";

    // Words of artifacts, which may hold what no span can keep.
    private static string Clean(string text) => Ids.Replace(text ?? "", "*").Replace(Separator, '/').Replace('\0', '\uFFFD');

    [GeneratedRegex(
        @"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-z])(?=[a-f]*[0-9])[0-9a-f]{8,}(?![0-9a-z])|[0-9]{4,}",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Ids { get; }
}

namespace AgentOps.Rca.Recording;

/// <summary>Names in which <c>*</c> stands for any text.</summary>
internal sealed class SourcePatterns(IEnumerable<string> patterns)
{
    private readonly string[][] _patterns = [.. patterns.Select(pattern => pattern.Trim().Split('*'))];

    public bool Match(string name) => Array.Exists(_patterns, parts => Matches(parts, name));

    // The first part begins the name, the last one ends it, and the others come in between, each as early as it can.
    private static bool Matches(string[] parts, ReadOnlySpan<char> name)
    {
        if (parts.Length == 1)
        {
            return name.SequenceEqual(parts[0]);
        }

        if (!name.StartsWith(parts[0], StringComparison.Ordinal) || name.Length < parts[0].Length + parts[^1].Length
            || !name.EndsWith(parts[^1], StringComparison.Ordinal))
        {
            return false;
        }

        var rest = name[parts[0].Length..^parts[^1].Length];
        foreach (var part in parts.AsSpan(1, parts.Length - 2))
        {
            var place = rest.IndexOf(part, StringComparison.Ordinal);
            if (place < 0)
            {
                return false;
            }

            rest = rest[(place + part.Length)..];
        }

        return true;
    }
}

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>The order of text by the bytes of its UTF-8, which is how databases compare it.</summary>
internal static class Utf8Order
{
    /// <summary>Compares two well-formed texts. It differs from the ordinal order of UTF-16 only above U+D7FF.</summary>
    public static int Compare(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        // A surrogate belongs to a code point above U+FFFF, and so sorts after any character that needs none.
        var bySurrogate = char.IsSurrogate(left[same]).CompareTo(char.IsSurrogate(right[same]));
        return bySurrogate != 0 ? bySurrogate : left[same].CompareTo(right[same]);
    }
}

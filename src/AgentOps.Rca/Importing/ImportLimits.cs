namespace AgentOps.Rca.Importing;

/// <summary>The bounds of what is read. They lie far above what honest files hold.</summary>
internal static class ImportLimits
{
    /// <summary>How many bytes one record may have: a line, or an item of a document's list.</summary>
    public const int RecordBytes = 32 * 1024 * 1024;

    /// <summary>How deep a record may nest.</summary>
    public const int Depth = 256;

    /// <summary>How much of a file is looked at to tell its format.</summary>
    public const int HeadBytes = 1024 * 1024;

    /// <summary>How many packings may lie within each other: a gzip in a zip is two.</summary>
    public const int Packings = 3;

    /// <summary>How many files an archive may hold.</summary>
    public const int Members = 10_000;

    /// <summary>What is packed tighter than this, beyond <see cref="FreeBytes"/>, was made to fill a disk.</summary>
    public const int Ratio = 250;

    /// <summary>How many bytes may be unpacked whatever they are packed into.</summary>
    public const int FreeBytes = 64 * 1024 * 1024;

    /// <summary>How many bytes of a protobuf request are taken.</summary>
    public const int ProtobufBytes = 64 * 1024 * 1024;

    /// <summary>How many tool calls of a conversation may wait for their result.</summary>
    public const int PendingCalls = 10_000;

    /// <summary>How many characters of calls and messages may wait, in all conversations of a file together.</summary>
    public const int PendingLength = 16 * 1024 * 1024;
}

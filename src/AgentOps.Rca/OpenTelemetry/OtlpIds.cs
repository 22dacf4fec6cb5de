namespace AgentOps.Rca.OpenTelemetry;

/// <summary>Ids out of bytes. Spans that follow each other mostly share their trace, and often their parent; such an id is one string.</summary>
internal sealed class OtlpIds
{
    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    private readonly byte[] _trace = new byte[TraceBytes];
    private readonly byte[] _parent = new byte[SpanBytes];
    private string? _traceId;
    private string? _parentId;

    /// <summary>The id of a trace, as <see cref="OtlpText.Id(ReadOnlySpan{byte}, int)"/> has it.</summary>
    public string? Trace(ReadOnlySpan<byte> bytes) => Get(bytes, _trace, ref _traceId);

    /// <summary>The id of a parent.</summary>
    public string? Parent(ReadOnlySpan<byte> bytes) => Get(bytes, _parent, ref _parentId);

    // Before the first id the bytes are all zero, and such an id is none.
    private static string? Get(ReadOnlySpan<byte> bytes, byte[] last, ref string? id)
    {
        if (!bytes.SequenceEqual(last))
        {
            id = OtlpText.Id(bytes, last.Length);
            if (id is null)
            {
                last.AsSpan().Clear();
                return null;
            }

            bytes.CopyTo(last);
        }

        return id;
    }
}

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>The bounds of what is read. They lie far above what exporters send: an SDK keeps 128 attributes on a span.</summary>
internal static class OtlpLimits
{
    /// <summary>How deep an attribute's value may nest.</summary>
    public const int ValueDepth = 24;

    /// <summary>
    /// How deep the JSON form may nest before it is no longer parsed: far deeper than a value may, so that a value that nests too deep
    /// costs its own record only.
    /// </summary>
    public const int JsonDepth = 4_096;

    /// <summary>How many attributes, events or links a record keeps each; the others are counted and dropped.</summary>
    public const int Items = 1_024;

    /// <summary>How many values one attribute may hold in all.</summary>
    public const int Values = 65_536;

    /// <summary>How many characters a tool's name may have; the ingest of spans has the same bound.</summary>
    public const int ToolLength = 256;

    /// <summary>How many characters an incident's id may have.</summary>
    public const int IncidentIdLength = 100;

    /// <summary>How many bytes the attributes of a stored span may have.</summary>
    public const int AttributesBytes = 4 * 1024 * 1024;
}

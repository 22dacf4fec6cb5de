namespace AgentOps.Rca;

/// <summary>The precision of records: a microsecond, which is what PostgreSQL keeps and what their JSON says.</summary>
internal static class RecordPrecision
{
    /// <summary>The time in UTC, without what is finer than a microsecond.</summary>
    /// <param name="value">A time at any offset.</param>
    public static DateTimeOffset Truncate(DateTimeOffset value) =>
        value.ToUniversalTime() is var utc ? utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond)) : value;
}

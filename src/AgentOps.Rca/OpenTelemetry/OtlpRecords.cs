namespace AgentOps.Rca.OpenTelemetry;

/// <summary>Who sent records, and the library that made them.</summary>
internal sealed record OtlpSource(OtlpAttributes Resource, string? ScopeName, string? ScopeVersion)
{
    public string? Service { get; } = Resource.Text("service.name");

    /// <summary>Attributes of the library; null when there are none.</summary>
    public OtlpAttributes? ScopeAttributes { get; init; }

    /// <summary>Which version of the conventions the resource's attributes follow, or null.</summary>
    public string? ResourceSchema { get; init; }

    /// <summary>Which version of the conventions the records' attributes follow, or null.</summary>
    public string? ScopeSchema { get; init; }

    /// <summary>How many attributes of the resource and the library were left out, by the sender or here.</summary>
    public long Dropped { get; init; }

    /// <summary>How the JSON of a record ends that has other members before: what tells of the source, and the closing brace.</summary>
    public byte[] Tail => field ??= OnlyTail is [(byte)'}'] only ? only : [(byte)',', .. OnlyTail];

    /// <summary>The same for a record without other members.</summary>
    public byte[] OnlyTail => field ??= OtlpSpanMapper.MembersOf(this);
}

/// <summary>A span as OTLP has it. Ids are lowercase hexadecimal, or null when they are missing or all zero.</summary>
internal sealed class OtlpSpan : OtlpRecord
{
    public string? TraceId { get; set; }

    public string? SpanId { get; set; }

    public string? ParentSpanId { get; set; }

    public string Name { get; set; } = "";

    /// <summary>1 internal, 2 server, 3 client, 4 producer, 5 consumer.</summary>
    public int Kind { get; set; }

    public ulong StartNs { get; set; }

    public ulong EndNs { get; set; }

    public OtlpAttributes Attributes { get; init; } = new();

    /// <summary>Null when there are none.</summary>
    public List<OtlpEvent>? Events { get; private set; }

    /// <summary>Null when there are none.</summary>
    public List<OtlpLink>? Links { get; private set; }

    /// <summary>0 unset, 1 ok, 2 error.</summary>
    public int StatusCode { get; set; }

    public string? StatusMessage { get; set; }

    /// <summary>What vendors passed along the trace (W3C), or null.</summary>
    public string? TraceState { get; set; }

    /// <summary>Makes it the span of this source of which nothing is known yet.</summary>
    public void Clear(OtlpSource source)
    {
        Source = source;
        (TraceId, SpanId, ParentSpanId, StatusMessage, TraceState) = (null, null, null, null, null);
        (Name, Kind, StatusCode, Dropped) = ("", 0, 0, 0);
        (StartNs, EndNs) = (0, 0);
        (Events, Links, Unread) = (null, null, null);
        Attributes.Clear();
    }

    public void Add(OtlpEvent happened) => Keep(Events ??= [], happened);

    public void Add(OtlpLink link) => Keep(Links ??= [], link);

    private void Keep<T>(List<T> list, T item)
    {
        if (list.Count < OtlpLimits.Items)
        {
            list.Add(item);
        }
        else
        {
            Dropped++;
        }
    }
}

/// <summary>Something that happened during a span.</summary>
internal sealed class OtlpEvent
{
    public ulong TimeNs { get; set; }

    public string Name { get; set; } = "";

    public OtlpAttributes Attributes { get; init; } = new();
}

/// <summary>Another span that this one is about.</summary>
internal sealed class OtlpLink
{
    public string? TraceId { get; set; }

    public string? SpanId { get; set; }

    public string? TraceState { get; set; }

    public OtlpAttributes Attributes { get; } = new();
}

/// <summary>A log record.</summary>
internal sealed class OtlpLog : OtlpRecord
{
    public ulong TimeNs { get; set; }

    public ulong ObservedTimeNs { get; set; }

    public int SeverityNumber { get; set; }

    public string? SeverityText { get; set; }

    public string? EventName { get; set; }

    public OtlpValue Body { get; set; }

    public OtlpAttributes Attributes { get; } = new();

    public string? TraceId { get; set; }

    public string? SpanId { get; set; }
}

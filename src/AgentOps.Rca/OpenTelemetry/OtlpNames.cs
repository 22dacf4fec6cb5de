namespace AgentOps.Rca.OpenTelemetry;

/// <summary>Parents and tools of the spans of a request. The same few come again and again; each is made, and later kept, once.</summary>
internal sealed class OtlpNames
{
    private const int MostTools = 256;

    private readonly Dictionary<string, string> _tools = new(StringComparer.Ordinal);
    private string? _service;
    private (string? Trace, string? Span, string? Id) _parent;

    /// <summary>The id of the span's parent, or null for a root.</summary>
    public string? ParentOf(OtlpSpan record)
    {
        if (record.ParentSpanId is null)
        {
            return null;
        }

        if (_parent.Span != record.ParentSpanId || _parent.Trace != record.TraceId)
        {
            _parent = (record.TraceId, record.ParentSpanId, $"{record.TraceId}:{record.ParentSpanId}");
        }

        return _parent.Id;
    }

    /// <summary>What the span is called here.</summary>
    public string ToolOf(OtlpSpan record, OtlpStep step)
    {
        var service = record.Source.Service;
        if (step.Kind != OtlpSpanKind.Other)
        {
            return OtlpTools.NameOf(step, service, record.Name);
        }

        if (_service != service || _tools.Count > MostTools)
        {
            _tools.Clear();
            _service = service;
        }

        if (!_tools.TryGetValue(record.Name, out var tool))
        {
            _tools.Add(record.Name, tool = OtlpTools.NameOf(step, service, record.Name));
        }

        return tool;
    }
}

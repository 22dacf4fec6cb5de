namespace AgentOps.Rca.Spans;

/// <summary>Is told about spans after they were stored, by every way in: the HTTP API, OTLP, and the in-process recorder.</summary>
public interface ISpanObserver
{
    /// <summary>These spans are stored, some of them perhaps for the second time. The call must return at once and never throw.</summary>
    /// <param name="spans">The spans as they came.</param>
    void OnStored(IReadOnlyList<Span> spans);
}

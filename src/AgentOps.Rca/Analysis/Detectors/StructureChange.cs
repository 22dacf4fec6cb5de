using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>A change in what the calls of a tool do.</summary>
internal sealed record StructureChange(
    ToolCalls Calls, StructureChangeKind Kind, string Word, double Size, List<SpanNode> Affected, long Hits, long Total, long UsualHits, long UsualTotal)
{
    public Finding Describe(double strength, List<SpanNode> origins, Baseline baseline)
    {
        var first = origins[0];
        var last = origins[^1];
        var counts = Words.Invariant($"{Hits} of {Total} calls, before {UsualHits} of {UsualTotal}");
        var word = Word.TrimStart(CallProfile.ErrorMark).Trim();
        var (category, cause) = Kind switch
        {
            StructureChangeKind.NewError when Word == CallProfile.Failed => ("new_error", $"{Words.Name(Calls.Tool)} fails more often than usual"),
            StructureChangeKind.NewError => ("new_error", $"{Words.Name(Calls.Tool)} reports the error \"{Words.Short(word, 90)}\" more often than usual"),
            StructureChangeKind.MissingEvent => ("missing_step", $"{Words.Name(Calls.Tool)} no longer reaches the step \"{Words.Short(word, 90)}\" as usual"),
            StructureChangeKind.MissingCall => ("missing_call", $"{Words.Name(Calls.Tool)} calls {Words.Name(word)} less often than usual"),
            StructureChangeKind.Truncated => ("missing_call", $"{Words.Name(Calls.Tool)} ends without calls that it always made"),
            StructureChangeKind.ExtraCall => ("extra_call", $"{Words.Name(Calls.Tool)} calls {Words.Name(word)} more often than usual"),
            _ => ("new_step", $"{Words.Name(Calls.Tool)} reports \"{Words.Short(word, 90)}\" more often than usual"),
        };
        return new Finding
        {
            Kind = "changed_structure",
            Category = category,
            Place = Calls.Place,
            Tool = Calls.Tool,
            ErrorClass = Kind.ToString(),
            Strength = strength,
            Sample = origins.Count,
            AtNs = first.StartNs,
            Cause = $"{cause}: {counts}, and nothing below explains it in {origins.Count} of them.",
            Recommendation = $"Look at what changed in {Words.Name(Calls.Place)}: {Words.Name(Calls.Tool)} itself behaves differently, not what it calls.",
            Facts = [FactOf(first), FactOf(last)],
        };

        Fact FactOf(SpanNode node)
        {
            var (spanId, pointer) = Kind is StructureChangeKind.NewError or StructureChangeKind.NewEvent
                ? node.PlaceOf(Word.TrimStart(CallProfile.ErrorMark))
                : (node.SpanId, "/tool");
            return new Fact(
                spanId, $"{Words.Name(node.Tool)}{Words.At(node.StartNs)} is one of these calls; compared with {baseline.SpanCount} spans of the baseline.", pointer);
        }
    }
}

/// <summary>What changed.</summary>
internal enum StructureChangeKind
{
    NewError,
    MissingEvent,
    MissingCall,
    Truncated,
    ExtraCall,
    NewEvent,
    Recovered,
}

using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Reading;

/// <summary>The wire form of the read models, the same for every door: snake_case, times in UTC, null where unknown.</summary>
public static class ReadingJson
{
    /// <summary>How the rows of a page of incidents are written and read.</summary>
    public static JsonTypeInfo<IReadOnlyList<IncidentOverview>> Overviews => ReadingJsonContext.Default.IReadOnlyListIncidentOverview;

    /// <summary>How evidence is written and read.</summary>
    public static JsonTypeInfo<EvidenceView> Evidence => ReadingJsonContext.Default.EvidenceView;

    /// <summary>How a page of steps is written and read.</summary>
    public static JsonTypeInfo<RunStepsPage> Steps => ReadingJsonContext.Default.RunStepsPage;

    /// <summary>How a timeline is written and read.</summary>
    public static JsonTypeInfo<RunTimeline> Timeline => ReadingJsonContext.Default.RunTimeline;

    /// <summary>How a comparison is written and read.</summary>
    public static JsonTypeInfo<RunComparison> Comparison => ReadingJsonContext.Default.RunComparison;

    /// <summary>How good runs are written and read.</summary>
    public static JsonTypeInfo<IReadOnlyList<GoodRun>> GoodRuns => ReadingJsonContext.Default.IReadOnlyListGoodRun;

    /// <summary>How what a search found is written and read.</summary>
    public static JsonTypeInfo<RunSearchResult> Search => ReadingJsonContext.Default.RunSearchResult;

    /// <summary>How one call is written and read.</summary>
    public static JsonTypeInfo<RunSpan> Span => ReadingJsonContext.Default.RunSpan;

    /// <summary>How one step is written and read.</summary>
    public static JsonTypeInfo<RunStepDetail> Step => ReadingJsonContext.Default.RunStepDetail;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(IReadOnlyList<IncidentOverview>))]
[JsonSerializable(typeof(EvidenceView))]
[JsonSerializable(typeof(RunStepsPage))]
[JsonSerializable(typeof(RunTimeline))]
[JsonSerializable(typeof(RunComparison))]
[JsonSerializable(typeof(IReadOnlyList<GoodRun>))]
[JsonSerializable(typeof(RunStepDetail))]
[JsonSerializable(typeof(RunSearchResult))]
[JsonSerializable(typeof(RunSpan))]
internal sealed partial class ReadingJsonContext : JsonSerializerContext;

using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Incidents;

public sealed class RecordPrecisionTests
{
    private static readonly DateTimeOffset Fine = new DateTimeOffset(2026, 3, 14, 15, 9, 26, TimeSpan.FromHours(9)).AddTicks(1_234_567);

    [Fact]
    public void An_incident_keeps_microseconds_by_itself_and_so_is_what_it_says()
    {
        var incident = Samples.Incident(1) with { CreatedTs = Fine };
        var read = IncidentJson.Read(System.Text.Json.JsonElement.Parse(IncidentJson.ToUtf8(incident)));

        Assert.Equal((TimeSpan.Zero, 6), (incident.CreatedTs.Offset, (int)(incident.CreatedTs.Ticks / 10 % 10)));
        Assert.True(incident.IsSameAs(read!));
    }

    [Fact]
    public void An_artifact_keeps_microseconds_by_itself() => Assert.Equal(
        RecordPrecision.Truncate(Fine),
        new Artifact { Digest = ArtifactDigest.Of([1]), Mime = "a/b", Length = 1, CreatedTs = Fine }.CreatedTs);

    [Fact]
    public void Details_as_deep_as_ingest_takes_them_have_a_form()
    {
        var deep = $"{{\"d\":{new string('[', JsonRules.MaxDepth - 1)}{new string(']', JsonRules.MaxDepth - 1)}}}";
        var incident = Samples.Incident(1, details: deep);

        Assert.True(incident.IsSameAs(IncidentJson.Read(System.Text.Json.JsonElement.Parse(IncidentJson.ToUtf8(incident), JsonRules.RecordOptions))!));
    }
}

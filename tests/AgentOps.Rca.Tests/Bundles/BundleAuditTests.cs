using System.Text;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Zip;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Tests.Replay;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Tests.Bundles;

/// <summary>The audit of an incident goes into its bundle where that is asked for, and into nobody's store.</summary>
public sealed class BundleAuditTests
{
    private static readonly BundleOptions WithAudit = new() { IncludeAudit = true };

    [Fact]
    public async Task It_goes_in_when_it_is_asked_for_and_is_checked()
    {
        var recorded = await AuditedAsync();
        var bundle = await recorded.ExportAsync(WithAudit);

        var verification = await recorded.VerifyAsync(bundle);

        Assert.True(verification.Valid);
        Assert.True(verification.Checks.Replay.Ok);
        Assert.StartsWith("2 entries of the exporting host's audit", Assert.IsType<BundleCheck>(verification.Checks.Audit).Detail, StringComparison.Ordinal);
        Assert.Contains("\"audit\":{\"ok\":true", Encoding.UTF8.GetString(BundleVerificationJson.ToUtf8(verification)), StringComparison.Ordinal);
        var files = ZipSurgeon.Unpack(bundle).ToDictionary(static file => file.Name, static file => Encoding.UTF8.GetString(file.Content), StringComparer.Ordinal);
        Assert.Equal(2, files["audit.jsonl"].Count(static character => character == '\n'));
        Assert.DoesNotContain("another", files["audit.jsonl"], StringComparison.Ordinal);
        Assert.Contains("audit.jsonl", files["README.txt"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_it_a_bundle_is_the_same_whatever_the_audit_holds()
    {
        var recorded = await AuditedAsync();
        var before = ZipSurgeon.Unpack(await recorded.ExportAsync());
        await TrailOf(recorded).RecordAsync(Entry(AuditActions.Export, recorded.Incident.Id, "more"));
        var after = ZipSurgeon.Unpack(await recorded.ExportAsync());

        Assert.Equal(
            before.TakeWhile(static file => file.Name != BundleNames.Envelope).Select(static file => (file.Name, Convert.ToHexString(file.Content))),
            after.TakeWhile(static file => file.Name != BundleNames.Envelope).Select(static file => (file.Name, Convert.ToHexString(file.Content))));
        Assert.DoesNotContain(before, static file => file.Name == BundleNames.Audit);
        Assert.DoesNotContain("audit", Encoding.UTF8.GetString(BundleVerificationJson.ToUtf8(await recorded.VerifyAsync(await recorded.ExportAsync()))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_was_changed_in_the_store_is_named()
    {
        var recorded = await AuditedAsync();
        var forged = AuditSpan.Create(Entry(AuditActions.Decision, recorded.Incident.Id, "bob"), 9, 9);
        await recorded.AddAsync(forged with { StartTs = 8, EndTs = 8 });

        var verification = await recorded.VerifyAsync(await recorded.ExportAsync(WithAudit));

        Assert.True(verification.Valid);
        Assert.False(verification.Checks.Audit!.Ok);
        Assert.Contains(forged.SpanId, verification.Checks.Audit.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_takes_another_hosts_audit_for_its_own()
    {
        var recorded = await AuditedAsync();
        var bundle = await recorded.ExportAsync(WithAudit);
        var elsewhere = new RecordedIncident();
        elsewhere.Trusted.Add(recorded.Key.Public);
        using var stream = new MemoryStream(bundle);

        var imported = await new BundleImporter(elsewhere.Incidents, elsewhere.Spans, elsewhere.Rows, elsewhere.Contents, elsewhere).ImportAsync(stream);

        Assert.IsType<BundleImportOutcome.Imported>(imported);
        Assert.Empty(await elsewhere.Spans.ListAsync(new SpanQuery { IncidentId = SpanIds.AuditIncident }).ToListAsync());
        Assert.Empty(await TrailOf(elsewhere).ListAsync(new AuditQuery()).ToListAsync());
    }

    private static async Task<RecordedIncident> AuditedAsync()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var trail = TrailOf(recorded);
        await trail.RecordAsync(Entry(AuditActions.Analysis, recorded.Incident.Id, "ann"));
        await trail.RecordAsync(Entry(AuditActions.Decision, Guid.NewGuid(), "another"));
        await trail.RecordAsync(Entry(AuditActions.UnmaskedRead, null, "another"));
        await trail.RecordAsync(Entry(AuditActions.Decision, recorded.Incident.Id, "bob"));
        return recorded;
    }

    private static AuditTrail TrailOf(RecordedIncident recorded) =>
        new(recorded.Spans, new SpanIntake(recorded.Spans), recorded.Time, NullLogger<AuditTrail>.Instance);

    private static AuditEntry Entry(string action, Guid? incident, string name) => new()
    {
        Action = action,
        Actor = new Actor(name) { Authenticated = true, Scheme = "AgentOpsRcaKey", Key = name },
        IncidentId = incident,
        Source = "192.0.2.1",
    };
}

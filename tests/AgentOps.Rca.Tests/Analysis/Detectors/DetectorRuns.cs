using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Analysis.Trace;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

/// <summary>Runs one detector alone over a case.</summary>
internal static class DetectorRuns
{
    /// <summary>The case as the steps of agents.</summary>
    public static async Task<AgentRun> ReadAsync(this CaseBuilder run) =>
        await new DetectionContext(run.Build()).ReadRunAsync(TestContext.Current.CancellationToken);

    /// <summary>What the detector finds, after each fact was held against the bytes of the case.</summary>
    public static async Task<IReadOnlyList<Finding>> FindAsync(this CaseBuilder run, IDetector detector, Baseline? baseline = null)
    {
        var rcaCase = run.Build(baseline);
        var findings = await detector.DetectAsync(new DetectionContext(rcaCase), TestContext.Current.CancellationToken);
        var book = new EvidenceBook(rcaCase);
        foreach (var finding in findings)
        {
            Assert.NotEmpty(finding.Facts);
            foreach (var fact in finding.Facts)
            {
                Assert.True(
                    book.IsChecked(await book.EnterAsync(finding.Kind, fact, TestContext.Current.CancellationToken)),
                    $"{finding.Kind}: {fact.Text} {fact.Pointer} {fact.Quote} does not hold in {fact.SpanId}");
            }
        }

        return findings;
    }
}

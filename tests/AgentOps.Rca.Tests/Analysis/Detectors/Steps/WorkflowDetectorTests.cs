using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class WorkflowDetectorTests
{
    private const string Definition =
        "{\\\"executors\\\":{\\\"draft\\\":{},\\\"check\\\":{}},\\\"edges\\\":{\\\"draft\\\":[{\\\"connection\\\":{\\\"sinkIds\\\":[\\\"check\\\"]}}]}}";

    [Fact]
    public async Task A_message_that_was_dropped_so_that_its_target_never_ran_is_certain()
    {
        var finding = Assert.Single(await Flow(sends: true, delivered: false, ran: false).FindAsync(new WorkflowDetector()));

        Assert.Equal(("message_dropped", "step:edge", Proof.Certain), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("1 message from draft to check was dropped and not delivered (“dropped type mismatch”), so check never ran", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_executor_that_sent_nothing_to_one_that_waits_for_it_is_the_lost_step()
    {
        var finding = Assert.Single(await Flow(sends: false, delivered: true, ran: false).FindAsync(new WorkflowDetector()));

        Assert.Equal(("lost_step", "step:draft", Proof.Causal), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("without sending a message, so check, which waits for it, never ran", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_whose_messages_arrive_is_no_finding() => Assert.Empty(await Flow(sends: true, delivered: true, ran: true).FindAsync(new WorkflowDetector()));

    private static CaseBuilder Flow(bool sends, bool delivered, bool ran)
    {
        var flow = new CaseBuilder()
            .Call("run", "agent.run/flow", 0, 9, attributes: $$"""{"workflow.definition":"{{Definition}}"}""")
            .Call("draft", "executor.process draft", 1, 3, "run", attributes: """{"executor.id":"draft"}""");
        if (sends)
        {
            flow.Call("send", "message.send", 2, 2.1, "draft", attributes: """{"message.source_id":"draft","message.target_id":"check"}""")
                .Call("edge", "edge_group.process", 3, 3.1, "run", attributes: $$"""{"message.source_id":"draft","message.target_id":"check","edge_group.delivered":{{(delivered ? "true" : "false")}},"edge_group.delivery_status":"{{(delivered ? "delivered" : "dropped type mismatch")}}"}""");
        }

        return ran ? flow.Call("check", "executor.process check", 4, 5, "run", attributes: """{"executor.id":"check"}""") : flow;
    }
}

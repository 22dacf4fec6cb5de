using System.Text.Json;
using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class CallIdentityTests
{
    [Theory]
    [InlineData("""{"http.request.method":"POST","url.full":"https://a.example/book?key=1#x"}""", "POST https://a.example/book")]
    [InlineData("""{"http.method":"GET","net.peer.name":"a.example","http.target":"/x"}""", "GET a.example/x")]
    [InlineData("""{"http.request.method":"GET","server.address":"a.example","http.route":"/orders/{id}"}""", "GET a.example/orders/{id}")]
    [InlineData("""{"db.system.name":"postgresql","db.query.text":"SELECT 1"}""", "postgresql SELECT 1")]
    [InlineData("""{"db.system":"redis","db.operation":"GET","db.collection.name":"carts"}""", "redis GET carts")]
    [InlineData("""{"rpc.service":"Stock","rpc.method":"Reserve"}""", "Stock Reserve")]
    [InlineData("""{"note":"nothing"}""", null)]
    public void The_target_is_what_a_call_was_made_to(string attributes, string? target) => Assert.Equal(target, CallIdentity.TargetOf(JsonElement.Parse(attributes)));

    [Theory]
    [InlineData("""{"url.full":"https://a.example/x"}""", null, """{"url.full":"https://b.example/x"}""", null, false)]
    [InlineData("""{"url.full":"https://a.example/x"}""", null, """{"url.full":"https://a.example/x"}""", null, true)]
    [InlineData("""{"url.full":"https://a.example/x"}""", "{}", """{"url.full":"https://a.example/x"}""", "[]", false)]
    [InlineData("{}", "{}", "{}", "{}", true)]
    [InlineData("{}", "{}", "{}", "[]", false)]
    [InlineData("{}", null, "{}", null, null)]
    [InlineData("{}", "{}", "{}", null, null)]
    [InlineData("""{"url.full":"https://a.example/x"}""", null, "{}", null, null)]
    public async Task Two_calls_are_the_same_by_target_and_arguments_and_where_neither_is_known_nobody_knows(string left, string? args, string right, string? others, bool? same)
    {
        var context = new DetectionContext(new CaseBuilder().Call("a", "POST", 0, 1, args: args, attributes: left).Call("b", "POST", 2, 3, args: others, attributes: right).Build());
        await context.Identity.LoadAsync(context.Spans.Nodes, TestContext.Current.CancellationToken);

        Assert.Equal(same, context.Identity.AreSame(context.Spans.Nodes[0], context.Spans.Nodes[1]));
    }

    [Theory]
    [InlineData("https://a7.example/v1/orders/4711/items", "https://a7.example/v1/orders/*/items")]
    [InlineData("https://a.example:8080/orders/6f9619ff-8b86-d011-b42d-00cf4fc964ff", "https://a.example:8080/orders/*")]
    [InlineData("https://a.example/orders/17", "https://a.example/orders/*")]
    public async Task Calls_about_different_records_are_of_one_class(string url, string expected)
    {
        var context = new DetectionContext(new CaseBuilder().Call("a", "GET", 0, 1, attributes: $$"""{"url.full":"{{url}}"}""").Build());
        await context.Identity.LoadAsync(context.Spans.Nodes, TestContext.Current.CancellationToken);

        Assert.Equal(expected, context.Identity.ClassOf(context.Spans.Nodes[0]));
    }
}

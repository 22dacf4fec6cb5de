using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel;

public sealed class UseChatClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("registered")]
    [InlineData("instance")]
    [InlineData("keyed")]
    public async Task The_client_of_the_services_one_of_ones_own_or_that_under_a_key_is_asked(string chosen)
    {
        var (registered, instance, keyed) = (Client(), Client(), Client());
        var services = new ServiceCollection();
        services.AddSingleton(registered);
        services.AddKeyedSingleton("big", keyed);
        var rca = services.AddAgentOpsRca().UseInMemory();
        _ = chosen switch
        {
            "registered" => rca.UseChatClient(),
            "instance" => rca.UseChatClient(instance),
            _ => rca.UseKeyedChatClient("big"),
        };

        Assert.IsType<RcaOutcome.Completed>(await AnalyzeAsync(services));

        Assert.Equal(
            (chosen == "registered", chosen == "instance", chosen == "keyed"),
            (WasAsked(registered), WasAsked(instance), WasAsked(keyed)));
    }

    [Theory]
    [InlineData(false, "The language-model engine asks the chat client among the services, and there is none: add one with services.AddChatClient(…).")]
    [InlineData(true, "There is no chat client among the services under the key big: add one with services.AddKeyedChatClient(…).")]
    public async Task Where_there_is_none_the_line_to_write_is_said(bool isKeyed, string sentence)
    {
        var services = new ServiceCollection();
        var rca = services.AddAgentOpsRca().UseInMemory();
        _ = isKeyed ? rca.UseKeyedChatClient("big") : rca.UseChatClient();

        Assert.Equal(sentence, Assert.IsType<RcaOutcome.EngineUnavailable>(await AnalyzeAsync(services)).Reason);
    }

    private static async Task<RcaOutcome> AnalyzeAsync(ServiceCollection services)
    {
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IIncidentStore>().AddAsync(Samples.Incident(1), Token);
        await provider.GetRequiredService<ISpanStore>().AddAsync([Samples.Span("a", attributes: """{"status":"error"}""") with { IncidentId = Samples.Id(1).ToString("D") }], Token);
        return await provider.GetRequiredService<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = Samples.Id(1), Engine = "llm" }, cancellationToken: Token);
    }

    private static IChatClient Client()
    {
        var client = Substitute.For<IChatClient>();
        client.GetResponseAsync(default!, default, default).ReturnsForAnyArgs(new ChatResponse(new ChatMessage(ChatRole.Assistant, "{}")));
        return client;
    }

    private static bool WasAsked(IChatClient client) => client.ReceivedCalls().Any(call => call.GetMethodInfo().Name == nameof(IChatClient.GetResponseAsync));
}

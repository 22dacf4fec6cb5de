using AgentOps.Rca.Detection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tests.Detection;

public sealed class RuleFromServicesTests
{
    [Fact]
    public void Rules_in_the_services_stand_once_behind_those_of_the_options()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new Limit(3));
        var own = new NeverRule();
        services.AddAgentOpsRca().UseInMemory().AddIncidentRule<LimitRule>().AddIncidentRule<LimitRule>()
            .DetectIncidents(options => options.Rules.Add(own)).DetectIncidents();
        using var provider = services.BuildServiceProvider();

        var rules = provider.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value.Rules;
        Assert.Equal([typeof(NeverRule), typeof(LimitRule)], rules.Select(rule => rule.GetType()));
        Assert.Same(provider.GetRequiredService<IIncidentRule>(), rules[1]);
    }

    private sealed record Limit(int Most);

    private sealed class LimitRule(Limit limit) : IIncidentRule
    {
        public IncidentFinding? Judge(EndedRun run) => run.Spans.Count > limit.Most ? new IncidentFinding("too_many", $"More than {limit.Most}.") : null;
    }

    private sealed class NeverRule : IIncidentRule
    {
        public IncidentFinding? Judge(EndedRun run) => null;
    }
}

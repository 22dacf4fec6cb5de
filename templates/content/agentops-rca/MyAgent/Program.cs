using AgentOps.Rca;
using AgentOps.Rca.Reading;
using MyAgent;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAgentOpsRca()
    .UseInMemory()                              // or UseSqlite(), of the package AgentOps.Rca.Sqlite
    .DetectIncidents(rules => rules.Settle = TimeSpan.FromSeconds(1)) // a run that breaks a rule opens one incident, which is analysed
    .AddIncidentRule<PromiseRule>();
builder.Services.AddSingleton<ScriptedChatClient>();
builder.Services.AddSingleton<RefundTools>();
builder.Services.AddSingleton(services => new RefundAgent(services.GetRequiredService<ScriptedChatClient>(), services.GetRequiredService<RefundTools>(), services));

var app = builder.Build();
app.MapAgentOpsRca();
await app.StartAsync();

var agent = app.Services.GetRequiredService<RefundAgent>();
foreach (var order in new[] { "A-16", RefundTools.FailingOrder })
{
    Console.WriteLine($"{order}: {await agent.RefundAsync(order)}");
}

// The incident comes a moment after its run.
var incidents = app.Services.GetRequiredService<IIncidentReader>();
IncidentOverview? incident = null;
for (var i = 0; i < 100 && incident?.Cause is null; i++)
{
    await Task.Delay(200);
    incident = (await incidents.ListAsync(new IncidentOverviewQuery())).Rows.FirstOrDefault();
}

Console.WriteLine($"Incident: {incident?.ProblemType}");
Console.WriteLine($"Cause: {incident?.Cause}");
Console.WriteLine($"Page: {app.Urls.First().TrimEnd('/')}/#incident/{incident?.Id:D}");
if (!args.Contains("--once"))
{
    await app.WaitForShutdownAsync();
}

using AgentOps.Rca.WebHost;
using AgentOps.Rca.WebHost.Demo;

if (args is [VerifyCommand.Name, .. var arguments])
{
    return await VerifyCommand.RunAsync(arguments, Console.Out, Console.Error);
}

if (HostHelp.IsAskedFor(args))
{
    Console.WriteLine(HostHelp.Text);
    return 0;
}

DotNetEnv.Env.NoClobber().Load();
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, EnvironmentName = HostSettings.Environment });
builder.WebHost.UseUrls(HostSettings.Address);
var rca = builder.Services.AddAgentOpsRca().UseSqliteByDefault();
if (HostSettings.IsOn(builder.Configuration, "AgentOpsRca:DetectIncidents:Enabled"))
{
    rca.DetectIncidents();
}

if (HostSettings.BaselineDays(builder.Configuration) is { } days)
{
    rca.DropBaselineAfter(TimeSpan.FromDays(days));
}

var demo = args.Contains("--demo");
if (demo)
{
    // The demonstration prints what it does itself.
    builder.Logging.SetMinimumLevel(LogLevel.Warning);
}

var app = builder.Build();
app.MapAgentOpsRca();
if (demo)
{
    await new Demonstration(app.Services, Console.Out).RunAsync(app.Lifetime.ApplicationStopping);
}

await app.StartAsync();
HostGreeting.Print(app, demo, Console.Out);
await app.WaitForShutdownAsync();
return 0;

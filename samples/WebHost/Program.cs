using AgentOps.Rca.WebHost;
using AgentOps.Rca.WebHost.Demo;

if (await HostCommands.RunAsync(args, Console.Out, Console.Error) is { } exitCode)
{
    return exitCode;
}

HostMemory.BoundNativeHeap();
DotNetEnv.Env.NoClobber().Load();
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, EnvironmentName = HostSettings.Environment });
var addresses = HostAddresses.Choose(builder.Configuration, builder.Environment);
builder.WebHost.UseUrls([.. addresses.Urls]);
builder.Services.AddAgentOpsRca().UseSqliteByDefault().UseHostSettings(builder.Configuration);
builder.Services.AddBrowserOrigins(builder.Configuration);
builder.AddHostLog();
HostMemory.AddTo(builder);
var demo = args.Contains("--demo");
if (demo)
{
    // The demonstration prints what it does itself.
    builder.Logging.SetMinimumLevel(LogLevel.Warning);
    builder.Services.AddSingleton<TimeProvider>(new IncidentClock());
}

var app = builder.Build();
app.UseStrictTransport();
app.UseSinglePathSlashes();
app.UseRouting();
app.UseCors();
app.MapAgentOpsRca();
app.MapCodingAgents();
app.MapUnknownPaths();
if (demo)
{
    HostGreeting.PrintPage(addresses, Console.Out);
    await new Demonstration(app.Services, Console.Out).RunAsync(app.Lifetime.ApplicationStopping);
}

await app.StartAsync();
HostGreeting.Print(app, addresses, demo, Console.Out);
await app.WaitForShutdownAsync();
return 0;

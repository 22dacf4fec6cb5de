using AgentOps.Rca.OrderAgent;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

// All that connects this agent with AgentOps.Rca: its activities go to an OTLP endpoint (OTEL_EXPORTER_OTLP_ENDPOINT).
const string Source = "AgentFrameworkAgent";
using var telemetry = Sdk.CreateTracerProviderBuilder()
    .ConfigureResource(resource => resource.AddService("agent-framework-agent"))
    .AddSource(Source)
    .AddOtlpExporter()
    .Build();

// Content is recorded only because of EnableSensitiveData; names, times, tokens and errors always are.
var fault = Array.IndexOf(args, "--fault") is >= 0 and var place && place + 1 < args.Length ? args[place + 1] : null;
using var model = new ScriptedChatClient().AsBuilder()
    .UseFunctionInvocation()
    .UseOpenTelemetry(sourceName: Source, configure: client => client.EnableSensitiveData = true)
    .Build();
var agent = new ChatClientAgent(model, instructions: "You ship orders.", name: "shipper", tools: new ShippingTools(fault).All).AsBuilder()
    .UseOpenTelemetry(Source, client => client.EnableSensitiveData = true)
    .Build();

foreach (var order in args.Where(arg => !arg.StartsWith('-')).Distinct().DefaultIfEmpty("order-1007"))
{
    Console.WriteLine($"{order}: {(await agent.RunAsync($"Ship {order}.")).Text}");
}

telemetry.ForceFlush();

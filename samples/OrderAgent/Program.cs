using AgentOps.Rca.OrderAgent;
using Microsoft.Extensions.AI;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

if (args.Contains("--help"))
{
    Console.WriteLine("""
        An agent that ships orders, watched from outside: it only exports OpenTelemetry.

          order-agent [<order>…] [--fault <order>]

        --fault <order>   the carrier stops answering while this order is booked
        Where to export to: OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:8000 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
        """);
    return 0;
}

// All that connects this agent with AgentOps.Rca: its activities, and those of Microsoft.Extensions.AI, go to an OTLP endpoint.
using var telemetry = Sdk.CreateTracerProviderBuilder()
    .ConfigureResource(resource => resource.AddService("order-agent"))
    .AddSource(ShippingAgent.SourceName, ShippingAgent.ChatSourceName)
    .AddOtlpExporter()
    .Build();

using var chatClient = new ScriptedChatClient().AsBuilder()
    .UseFunctionInvocation()
    .UseOpenTelemetry(sourceName: ShippingAgent.ChatSourceName, configure: client => client.EnableSensitiveData = true)
    .Build();

var fault = Array.IndexOf(args, "--fault") is >= 0 and var place && place + 1 < args.Length ? args[place + 1] : null;
var orders = args.Where(arg => !arg.StartsWith('-')).Distinct().DefaultIfEmpty("order-1007");
var agent = new ShippingAgent(chatClient, new ShippingTools(fault));
var failed = 0;
foreach (var order in orders)
{
    try
    {
        Console.WriteLine($"{order}: {await agent.ShipAsync(order)}");
    }
    catch (ShippingFailedException exception)
    {
        failed++;
        Console.WriteLine($"{order}: {exception.Message}");
    }
}

telemetry.ForceFlush();
return failed == 0 ? 0 : 1;

using System.Diagnostics;
using AgentOps.Rca.OrderAgent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

// All that connects this agent with AgentOps.Rca: its activities, and those of Semantic Kernel, go to an OTLP endpoint (OTEL_EXPORTER_OTLP_ENDPOINT).
const string Name = "SemanticKernelAgent";
AppContext.SetSwitch("Microsoft.SemanticKernel.Experimental.GenAI.EnableOTelDiagnosticsSensitive", true);
using var source = new ActivitySource(Name);
using var telemetry = Sdk.CreateTracerProviderBuilder()
    .ConfigureResource(resource => resource.AddService("semantic-kernel-agent"))
    .AddSource(Name, "Microsoft.SemanticKernel*")
    .AddOtlpExporter()
    .Build();

var fault = Array.IndexOf(args, "--fault") is >= 0 and var place && place + 1 < args.Length ? args[place + 1] : null;
var builder = Kernel.CreateBuilder();
builder.Services.AddChatClient(new ScriptedChatClient())
    .UseKernelFunctionInvocation()
    .UseOpenTelemetry(sourceName: Name, configure: client => client.EnableSensitiveData = true);
var kernel = builder.Build();
var options = new ChatOptions { ModelId = "scripted-1", Tools = [.. new ShippingTools(fault).All.OfType<AIFunction>().Select(function => function.AsKernelFunction())] };

foreach (var order in args.Where(arg => !arg.StartsWith('-')).Distinct().DefaultIfEmpty("order-1007"))
{
    // A run, by the semantic conventions for generative AI.
    using var run = source.StartActivity("invoke_agent shipper");
    run?.SetTag("gen_ai.operation.name", "invoke_agent").SetTag("gen_ai.agent.name", "shipper");
    var answer = await kernel.GetRequiredService<IChatClient>().GetResponseAsync([new ChatMessage(ChatRole.User, $"Ship {order}.")], options);
    Console.WriteLine($"{order}: {answer.Text}");
}

telemetry.ForceFlush();

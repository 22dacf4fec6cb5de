// An agent on Vercel's AI SDK: node agent.mjs [order] [--fault]. It exports OpenTelemetry to OTEL_EXPORTER_OTLP_ENDPOINT and needs no key: the model is
// a server on this machine that follows a script.
import { createServer } from "node:http";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { generateText, stepCountIs, tool } from "ai";
import { z } from "zod";

const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? "http://localhost:8000";
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "vercel-agent" }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` }))],
});
provider.register();

const order = process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? "order-1007";
const fails = process.argv.includes("--fault");

// The model: first a call of the tool, then the answer, whatever came back.
const server = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) {
    body += piece;
  }

  const { messages } = JSON.parse(body);
  const called = messages.some((message) => message.role === "tool");
  const message = called
    ? { role: "assistant", content: `${order} is on its way.` }
    : { role: "assistant", content: null, tool_calls: [{ id: "call-1", type: "function", function: { name: "book_carrier", arguments: JSON.stringify({ order }) } }] };
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({
    id: "scripted", object: "chat.completion", created: 0, model: "scripted-1",
    choices: [{ index: 0, message, finish_reason: called ? "stop" : "tool_calls" }], usage: { prompt_tokens: 40, completion_tokens: 8, total_tokens: 48 },
  }));
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const model = createOpenAICompatible({ name: "scripted", baseURL: `http://127.0.0.1:${server.address().port}/v1` })("scripted-1");
const { text } = await generateText({
  model,
  prompt: `Ship ${order}.`,
  stopWhen: stepCountIs(4),
  experimental_telemetry: { isEnabled: true, functionId: "shipper" },
  tools: {
    book_carrier: tool({
      description: "Books a carrier.",
      inputSchema: z.object({ order: z.string() }),
      execute: async ({ order: booked }) => {
        if (fails) {
          throw new Error(`The carrier did not answer within 100 ms when ${booked} was booked.`);
        }

        return { booking: `b-${booked}` };
      },
    }),
  },
});
console.log(`${order}: ${text}`);
await provider.forceFlush();
await provider.shutdown();
server.close();

// Sends spans and log records with OpenTelemetry's own exporters: node export.mjs <address> <proto|http> <spans> [<milliseconds between>]
// Prints the ids of the spans that ended, as JSON, when everything is flushed.
import { SpanStatusCode, trace, context } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';

const [address, form, count, pause] = process.argv.slice(2);
const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${form}`);
const { OTLPLogExporter } = await import(`@opentelemetry/exporter-logs-otlp-${form}`);
const resource = resourceFromAttributes({ 'service.name': 'order-service' });
const options = { compression: 'gzip', timeoutMillis: 60000 };
const spans = new BatchSpanProcessor(new OTLPTraceExporter({ ...options, url: `${address}/v1/traces` }), {
  maxQueueSize: 100000, maxExportBatchSize: 20, scheduledDelayMillis: 50, exportTimeoutMillis: 60000,
});
const logs = new BatchLogRecordProcessor({
  exporter: new OTLPLogExporter({ ...options, url: `${address}/v1/logs` }),
  maxQueueSize: 100000, maxExportBatchSize: 20, scheduledDelayMillis: 50, exportTimeoutMillis: 60000,
});
const tracer = new BasicTracerProvider({ resource, spanProcessors: [spans] }).getTracer('order-agent', '1.2.3');
const logger = new LoggerProvider({ resource, processors: [logs] }).getLogger('order-agent');
const ids = [];
const log = [];
for (let i = 0; i < Number(count); i++) {
  const run = tracer.startSpan('invoke_agent order-agent', {
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'order-agent', step: i, share: 0.5, tags: ['a', 'b'] },
  });
  const inside = trace.setSpan(context.active(), run);
  const call = tracer.startSpan('execute_tool book', {
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'book', 'gen_ai.tool.call.arguments': `{"order":${i}}` },
  }, inside);
  call.addEvent('retry', { attempt: i });
  call.recordException(new Error(`the carrier said no ${i}`));
  call.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
  logger.emit({ severityNumber: 17, body: `booking ${i} failed`, attributes: { i }, context: trace.setSpan(context.active(), call) });
  log.push(i);
  call.end();
  run.end();
  for (const span of [call, run]) {
    ids.push(`${span.spanContext().traceId}:${span.spanContext().spanId}`);
  }

  if (pause) {
    await new Promise(resolve => setTimeout(resolve, Number(pause)));
  }
}

await Promise.all([spans.forceFlush(), logs.forceFlush()]);
console.log(JSON.stringify({ ids, logs: log.length }));

import { copyButton } from "./copy.js";
import { h } from "./dom.js";
import { texts } from "./texts.js";

/** What to do when there is nothing yet: lines to copy. */
export function emptyState() {
  const here = new URL(document.querySelector('meta[name="agentops-api"]')?.getAttribute("content") || "./", location.href).href.replace(/\/$/, "");
  const ways = [
    [texts.empty.otlp, `export OTEL_EXPORTER_OTLP_ENDPOINT=${here}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`],
    [texts.empty.dotnet, "builder.Services.AddAgentOpsRca().DetectIncidents();\nchatClient.AsBuilder().UseAgentOpsRca().Build();"],
    [texts.empty.curl, `curl ${here}/incidents -H 'Content-Type: application/json' \\\n  -d '{"order_id":"A-1","problem_type":"late_delivery"}'`],
  ];
  return h("section", { class: "empty" }, h("h2", null, texts.empty.title), h("p", null, texts.empty.text),
    ways.map(([title, lines]) => h("figure", null, h("figcaption", null, title, copyButton(() => lines)), h("pre", { tabindex: "0" }, lines))));
}

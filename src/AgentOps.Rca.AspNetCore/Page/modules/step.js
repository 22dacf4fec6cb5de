import * as api from "./api.js";
import { link } from "./address.js";
import { badge, button, code, fill, h, said } from "./dom.js";
import { bytes, duration, money, time, whole } from "./format.js";
import { jsonTree, parsed } from "./json-tree.js";
import { texts } from "./texts.js";

const words = texts.run;
const folded = 600;
const mostText = 262_144;

/** A step as a part of the conversation. @param {any} step @param {string} incident */
export function stepView(step, incident) {
  return h("li", { class: `step ${step.kind}${step.culprit ? " culprit" : ""}${step.status === "failed" || step.status === "tripped" ? " failed" : ""}`, "data-step": step.id, "data-item": true, tabindex: "-1" },
    h("div", { class: "step-head" },
      step.culprit ? badge("bad", words.culprit) : null,
      h("span", { class: "kind" }, words.kinds[/** @type {"tool"} */ (step.kind)] ?? step.kind), h("strong", null, said(step.name)),
      step.status === "failed" || step.status === "tripped" ? badge("bad", words.statuses[/** @type {"failed"} */ (step.status)]) : null,
      step.recorded ? null : badge("warn", words.notRecorded),
      step.was_offered === false ? badge("warn", words.notOffered) : null,
      step.evidence.map((/** @type {string} */ id) => h("a", { class: "chip good", "data-evidence": id, href: link("incident", incident, "evidence", id) }, id)),
      h("span", { class: "soft small numbers" }, numbers(step))),
    step.failure ? failed(step, incident) : null,
    step.kind === "tool" || step.kind === "guardrail" ? call(step, incident) : messages(step, incident));
}

/** @param {any} step */
export function numbers(step) {
  return [
    step.duration_ms === null ? step.recorded && !step.to ? words.noEnd : null : duration(step.duration_ms),
    step.input_tokens !== null || step.output_tokens !== null ? `${whole(step.input_tokens)} → ${whole(step.output_tokens)} ${words.tokens}` : null,
    step.cost_usd !== null ? money(step.cost_usd) : null,
    step.finish_reason, step.agent,
  ].filter(Boolean).join(" · ");
}

/** @param {any} step @param {string} incident */
export function failed(step, incident) {
  const { failure } = step;
  return h("p", { class: "step-failure" },
    failure.category ? said(failure.category, "tag") : null, failure.http_status ? ` HTTP ${failure.http_status} ` : " ",
    said(failure.message ?? failure.type ?? ""), " ",
    failure.said_by === "result" ? h("span", { class: "soft" }, words.saidByResult, " ") : null,
    failure.outcome ? h("span", { class: "soft" }, words.outcomes[/** @type {"handled"} */ (failure.outcome)] ?? failure.outcome) : null,
    failure.repaired_by ? [" ", h("a", { href: link("incident", incident, "span", failure.repaired_by) }, code(failure.repaired_by))] : null);
}

/** @param {any} step @param {string} incident */
export function call(step, incident) {
  return h("div", { class: "call" },
    preview(step.arguments, words.arguments, step, incident, "arguments"), preview(step.result, words.result, step, incident, "result"), preview(step.told, words.told, step, incident, "told"));
}

/** @param {any} step @param {string} incident */
export function messages(step, incident) {
  return h("div", { class: "messages" },
    step.earlier_messages ? h("p", { class: "soft small" }, words.earlier(step.earlier_messages)) : null,
    step.messages.map((/** @type {any} */ message, /** @type {number} */ at) => h("div", { class: `message ${message.said ? "said" : "given"}` },
      h("span", { class: "role" }, words.roles[/** @type {"user"} */ (message.role)] ?? message.role),
      message.texts.map((/** @type {any} */ text, /** @type {number} */ n) => preview(text, null, step, incident, `messages/${at}/texts/${n}`)),
      message.calls.map((/** @type {any} */ one, /** @type {number} */ n) => h("div", { class: "asked" }, h("span", { class: "soft" }, `${words.asksFor} `), code(one.name), preview(one.arguments, null, step, incident, `messages/${at}/calls/${n}/arguments`))),
      message.answers.map((/** @type {any} */ one, /** @type {number} */ n) => h("div", null, one.name ? code(one.name) : null, preview(one.result, null, step, incident, `messages/${at}/answers/${n}/result`))))),
    step.offered ? h("details", { class: "small" }, h("summary", null, words.offered(step.offered.length)), h("p", { class: "row" }, step.offered.map((/** @type {string} */ name) => code(name)))) : null);
}

/**
 * Words of a record: folded when they are long, a tree when they are JSON, the rest on demand.
 * @param {any} text @param {string | null} label @param {any} step @param {string} incident @param {string} path Where the text stands in the step.
 * @returns {HTMLElement | null}
 */
function preview(text, label, step, incident, path) {
  if (!text) {
    return null;
  }

  const place = h("div", { class: "words" });
  const show = (/** @type {any} */ shown, /** @type {boolean} */ isWhole) => {
    const value = shown.cut ? null : parsed(shown.text);
    const isLong = !isWhole && shown.text.length > folded;
    const more = shown.cut && !isWhole ? button(words.whole(shown.length), () => load(), { class: "quiet" }) : isLong ? button(words.unfold, () => show(shown, true), { class: "quiet" }) : null;
    fill(place, label ? h("span", { class: "label" }, label) : null,
      value && typeof value === "object" ? jsonTree(value) : h("div", { class: "text", dir: "auto" }, isLong ? `${shown.text.slice(0, folded)}…` : shown.text),
      more, shown.cut && isWhole ? h("p", { class: "note" }, words.stillCut(bytes(shown.length))) : null,
      shown.masked ? h("span", { class: "badge plain", title: texts.evidence.maskedWhy }, `${shown.masked} ${texts.evidence.masked}`) : null);
  };
  const load = async () => {
    const whole_ = await api.get(api.incident(incident, `/step${api.query({ id: step.id, text: mostText })}`)).catch(() => null);
    show(path.split("/").reduce((/** @type {any} */ value, name) => value?.[name], whole_?.step) ?? text, true);
  };
  show(text, false);
  return place;
}

/** A step whole. @param {any} detail @param {string} incident */
export function stepDetail(detail, incident) {
  const { step } = detail;
  return [
    h("p", { class: "row small" }, h("span", { class: "soft" }, words.kinds[/** @type {"tool"} */ (step.kind)] ?? step.kind), time(step.from), h("span", { class: "soft" }, numbers(step)), step.model ? code(step.model) : null),
    step.failure ? failed(step, incident) : null,
    step.kind === "tool" || step.kind === "guardrail" ? call(step, incident) : messages(step, incident),
    detail.definitions.length ? h("details", null, h("summary", null, words.definitions(detail.definitions.length)), detail.definitions.map((/** @type {any} */ tool) => h("div", null, h("strong", null, code(tool.name)), tool.description ? h("p", { class: "small" }, said(tool.description)) : null, tool.schema ? jsonTree(tool.schema) : null))) : null,
    detail.attributes ? h("details", null, h("summary", null, words.attributes), jsonTree(detail.attributes)) : null,
    detail.other_spans.length ? h("p", { class: "row small" }, h("span", { class: "soft" }, words.otherSpans), detail.other_spans.map((/** @type {string} */ id) => h("a", { href: link("incident", incident, "span", id) }, code(id)))) : null,
  ];
}

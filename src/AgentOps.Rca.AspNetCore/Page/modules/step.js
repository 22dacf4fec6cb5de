import * as api from "./api.js";
import { link } from "./address.js";
import { badge, button, code, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { bytes, digest, lasted, money, time, whole } from "./format.js";
import { jsonTree, longText, parsed } from "./json-tree.js";
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
function numbers(step) {
  return [
    step.duration_ms === null ? step.recorded && !step.to ? words.noEnd : null : lasted(step.from, step.duration_ms, step.kind === "run"),
    step.input_tokens !== null || step.output_tokens !== null ? `${whole(step.input_tokens)} → ${whole(step.output_tokens)} ${words.tokens}` : null,
    step.cost_usd !== null ? money(step.cost_usd) : null,
    step.finish_reason, step.agent,
  ].filter(Boolean).join(" · ");
}

/** @param {any} step @param {string} incident */
function failed(step, incident) {
  const failure_ = step.failure;
  return h("p", { class: "step-failure" },
    failure_.category ? said(failure_.category, "tag") : null, failure_.http_status ? ` HTTP ${failure_.http_status} ` : " ",
    said(failure_.message ?? failure_.type ?? ""), " ",
    failure_.said_by === "result" ? h("span", { class: "soft" }, words.saidByResult, " ") : null,
    failure_.outcome ? h("span", { class: "soft" }, words.outcomes[/** @type {"handled"} */ (failure_.outcome)] ?? failure_.outcome) : null,
    failure_.repaired_by ? [" ", h("a", { href: link("incident", incident, "span", failure_.repaired_by) }, code(failure_.repaired_by))] : null);
}

/** @param {any} step @param {string} incident */
function call(step, incident) {
  const of = (/** @type {any} */ text, /** @type {string} */ label, /** @type {string} */ path) => preview(text, label, whole_(step, incident, path));
  return h("div", { class: "call" }, of(step.arguments, words.arguments, "arguments"), of(step.result, words.result, "result"), of(step.told, words.told, "told"));
}

/** @param {any} step @param {string} incident */
function messages(step, incident) {
  const of = (/** @type {any} */ text, /** @type {string} */ path) => preview(text, null, whole_(step, incident, path));
  return h("div", { class: "messages" },
    step.earlier_messages ? h("p", { class: "soft small" }, words.earlier(step.earlier_messages)) : null,
    step.messages.map((/** @type {any} */ message, /** @type {number} */ at) => h("div", { class: `message ${message.said ? "said" : "given"}` },
      h("span", { class: "role" }, words.roles[/** @type {"user"} */ (message.role)] ?? message.role),
      message.texts.map((/** @type {any} */ text, /** @type {number} */ n) => of(text, `messages/${at}/texts/${n}`)),
      message.calls.map((/** @type {any} */ one, /** @type {number} */ n) => h("div", { class: "asked" }, h("span", { class: "soft" }, `${words.asksFor} `), code(one.name), of(one.arguments, `messages/${at}/calls/${n}/arguments`))),
      message.answers.map((/** @type {any} */ one, /** @type {number} */ n) => h("div", null, one.name ? code(one.name) : null, of(one.result, `messages/${at}/answers/${n}/result`))))),
    step.offered ? offered(step, incident) : null);
}

/** The tools that a model could call: their names at once, what they say of themselves when it is opened. @param {any} step @param {string} incident */
function offered(step, incident) {
  const names = h("p", { class: "row" }, step.offered.map((/** @type {string} */ name) => code(name)));
  const show = async (/** @type {Event} */ event) => {
    if (/** @type {HTMLDetailsElement} */ (event.currentTarget).open && names.isConnected) {
      const detail = await api.get(api.incident(incident, `/step${api.query({ id: step.id, text: 1 })}`)).catch(() => null);
      detail?.definitions.length && names.replaceWith(...definitions(detail.definitions));
    }
  };
  return h("details", { class: "small offered", ontoggle: show }, h("summary", null, words.offered(step.offered.length)), names);
}

/** @param {any[]} tools */
const definitions = (tools) => tools.map((tool) => h("div", { class: "definition" }, h("strong", null, code(tool.name)), tool.description ? h("p", { class: "small" }, said(tool.description)) : null, tool.schema ? jsonTree(tool.schema) : null));

/** Asks for a text of a step again, with more of it. @param {any} step @param {string} incident @param {string} path Where the text stands in the step. */
function whole_(step, incident, path) {
  return async (/** @type {number} */ text) => {
    const detail = await api.get(api.incident(incident, `/step${api.query({ id: step.id, text })}`));
    return path.split("/").reduce((/** @type {any} */ value, name) => value?.[name], detail.step);
  };
}

/**
 * Words of a record: folded when they are long, a tree when they are JSON, the rest on demand.
 * @param {any} text @param {string | null} label @param {(length: number) => Promise<any>} ask Gives as many characters of it as are asked for.
 * @returns {HTMLElement | null}
 */
export function preview(text, label, ask) {
  if (!text) {
    return null;
  }

  const place = h("div", { class: "words" });
  const show = (/** @type {any} */ shown, /** @type {boolean} */ isWhole) => {
    const value = shown.cut ? null : parsed(shown.text);
    const isLong = !isWhole && shown.text.length > folded;
    const more = shown.cut && !isWhole ? button(words.whole(whole(shown.length)), () => load(), { class: "quiet" }) : isLong ? button(words.unfold, () => show(shown, true), { class: "quiet" }) : null;
    fill(place, label ? h("span", { class: "label" }, label) : null,
      value && typeof value === "object" ? jsonTree(value) : h("div", { class: "text", dir: "auto" }, isLong ? `${shown.text.slice(0, folded)}…` : shown.text),
      more, shown.cut && isWhole ? h("p", { class: "note" }, words.stillCut(bytes(shown.length))) : null,
      shown.masked ? h("span", { class: "badge plain", title: texts.evidence.maskedWhy }, `${shown.masked} ${texts.evidence.masked}`) : null);
  };
  const load = async () => show((await ask(mostText).catch(() => null)) ?? text, true);
  show(text, false);
  return place;
}

/**
 * Content as it was recorded, for those who need all of it: it is fetched when that is asked for, and shown as it is.
 * @param {string} label @param {any} named @param {any} [shown] What is shown of it already. @returns {HTMLElement | null}
 */
export function content(label, named, shown) {
  if (shown && !shown.cut && !shown.masked) {
    return null;
  }

  if (!named || named.length === null) {
    return named ? h("p", { class: "note" }, words.contentGone(label), " ", digest(named.digest)) : null;
  }

  const place = h("div", { class: "content" });
  const open = button(words.open(bytes(named.length)), async () => {
    open.disabled = true;
    try {
      const response = await api.send(`artifacts/${named.digest}/content`, { headers: { Accept: "application/octet-stream, application/problem+json" } });
      const text = await response.text();
      const value = parsed(text);
      fill(place, value && typeof value === "object" ? jsonTree(value) : longText(text, "text"));
    } catch (error) {
      open.disabled = false;
      fill(place, failure(error));
    }
  }, { class: "quiet" });
  return h("div", null, h("p", { class: "row small" }, h("span", { class: "label" }, words.recorded(label)), digest(named.digest), open), place);
}

/** A step whole. @param {any} detail @param {string} incident */
export function stepDetail(detail, incident) {
  const { step } = detail;
  return [
    h("p", { class: "row small" }, h("span", { class: "soft" }, words.kinds[/** @type {"tool"} */ (step.kind)] ?? step.kind), time(step.from), h("span", { class: "soft" }, numbers(step)), step.model ? code(step.model) : null),
    step.failure ? failed(step, incident) : null,
    step.kind === "tool" || step.kind === "guardrail" ? call(step, incident) : messages(step, incident),
    step.kind === "tool" ? [content(words.arguments, detail.arguments_content, step.arguments), content(words.result, detail.result_content, step.result)] : null,
    detail.attributes ? h("details", null, h("summary", null, words.attributes), jsonTree(detail.attributes),
      step.kind === "tool" ? null : [content(words.messages, detail.arguments_content), content(words.reply, detail.result_content)]) : null,
    detail.other_spans.length ? h("p", { class: "row small" }, h("span", { class: "soft" }, words.otherSpans), detail.other_spans.map((/** @type {string} */ id) => h("a", { href: link("incident", incident, "span", id) }, code(id)))) : null,
  ];
}

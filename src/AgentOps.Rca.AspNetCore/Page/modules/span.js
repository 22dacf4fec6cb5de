import * as api from "./api.js";
import { link } from "./address.js";
import { code, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { duration, lasted, time } from "./format.js";
import { jsonTree } from "./json-tree.js";
import { content, preview, stepDetail } from "./step.js";
import { texts } from "./texts.js";

const words = texts.span;

/** What is known of the call that is chosen: as a step of an agent when it is one, else what its span records. */
export class SpanPanel {
  element = h("div", { class: "detail", role: "region", "aria-label": words.label, tabindex: "-1" });
  #stop = new AbortController();
  #incident;

  /** @param {() => string} incident */
  constructor(incident) {
    this.#incident = incident;
  }

  stop() {
    this.#stop.abort();
  }

  /** @param {string} span @param {any} [row] Its row, when it is known. */
  async show(span, row) {
    this.#stop.abort();
    this.#stop = new AbortController();
    const [signal, incident] = [this.#stop.signal, this.#incident()];
    this.element.setAttribute("aria-busy", "true");
    try {
      const call = await api.get(api.incident(incident, `/span${api.query({ id: span })}`), signal);
      const isStep = call.step_id === span;
      const title = h("h3", null, said(call.tool));
      fill(this.element, title, ...(isStep ? stepDetail(await api.get(api.incident(incident, `/step${api.query({ id: span })}`), signal), incident) : told(call, incident)), where(call, Boolean(row?.parent_id), incident));
    } catch (error) {
      if (!signal.aborted) {
        fill(this.element, h("h3", null, said(row?.tool ?? span)), failure(error, () => this.show(span, row)));
      }
    }

    signal.aborted || this.element.removeAttribute("aria-busy");
  }
}

/** A call that is no step. @param {any} call @param {string} incident */
function told(call, incident) {
  const { failure: failed } = call;
  const more = (/** @type {"arguments" | "result"} */ name) => async (/** @type {number} */ text) => (await api.get(api.incident(incident, `/span${api.query({ id: call.span_id, text })}`)))[name];
  return [
    h("p", { class: "row small" }, time(call.from), h("span", { class: "soft" }, [call.to === null ? texts.run.noEnd : lasted(call.from, call.duration_ms, call.tool.startsWith("agent.run/")), call.agent].filter(Boolean).join(" · "))),
    failed ? h("p", { class: "step-failure" }, failed.http_status ? `HTTP ${failed.http_status} ` : null, failed.type ? [said(failed.type, "tag"), " "] : null, said(failed.message ?? "")) : null,
    h("p", { class: "note" }, call.step_id ? [words.partOf, " ", h("a", { href: link("incident", incident, "span", call.step_id) }, code(call.step_id))] : words.noStep),
    h("div", { class: "call" }, preview(call.arguments, texts.run.arguments, more("arguments")), preview(call.result, texts.run.result, more("result"))),
    content(texts.run.arguments, call.arguments_content, call.arguments), content(texts.run.result, call.result_content, call.result),
    h("details", { open: true }, h("summary", null, texts.run.attributes), jsonTree(call.attributes)),
  ];
}

/** @param {any} call @param {boolean} hasParent Whether the call that made it is there. @param {string} incident */
function where(call, hasParent, incident) {
  return h("dl", { class: "where" },
    h("dt", null, words.id), h("dd", null, code(call.span_id)),
    call.parent_id ? [h("dt", null, words.parent), h("dd", null, hasParent ? h("a", { href: link("incident", incident, "span", call.parent_id) }, code(call.parent_id)) : [code(call.parent_id), " ", h("span", { class: "soft" }, words.notThere)])] : null,
    call.service ? [h("dt", null, words.service), h("dd", null, said(call.service))] : null,
    call.moved_ms ? [h("dt", null, words.clock), h("dd", null, texts.timeline.moved(duration(call.moved_ms)))] : null);
}

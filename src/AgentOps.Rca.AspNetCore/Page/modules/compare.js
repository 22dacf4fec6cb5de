import * as api from "./api.js";
import { link, read } from "./address.js";
import { badge, code, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { duration, isUntimed, money, time, whole } from "./format.js";
import { texts } from "./texts.js";

const words = texts.compare;

/** Two runs beside each other: where they first part, then step by step. */
class Compare extends HTMLElement {
  address = read();
  #stop = new AbortController();

  async connectedCallback() {
    document.title = `${words.title} · ${texts.product}`;
    const { id, other } = this.address;
    const place = h("div", null, h("p", { class: "soft" }, texts.loading));
    fill(this, h("p", { class: "back" }, h("a", { href: link("incident", id) }, `‹ ${texts.incident.one}`)), h("div", { class: "head" }, h("h1", null, words.title)), place);
    try {
      const found = await api.post("rca/compare", { left: id, right: other }, this.#stop.signal);
      fill(place, first(found), totals(found), h("p", { class: "soft counts" }, words.counts(found, nameOf(found))), found.cut ? h("p", { class: "note" }, words.cut) : null,
        h("ol", { class: "pairs" }, found.steps.map((/** @type {any} */ step, /** @type {number} */ row) => pair(step, row === found.first_divergence?.row, nameOf(found)))));
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        fill(place, failure(error));
      }
    }
  }

  disconnectedCallback() {
    this.#stop.abort();
  }
}

/** @param {any} found */
function first(found) {
  const parted = found.first_divergence;
  return h("section", { class: `panel verdict ${parted ? "identified" : ""}` }, h("p", { class: "eyebrow" }, parted ? badge("warn", words.first) : badge("good", words.same)),
    h("p", { class: "root-cause" }, parted ? said(parted.text) : words.noDifference));
}

/** @param {any} found */
function totals(found) {
  const rows = [
    [words.started, (/** @type {any} */ run) => time(run.from)], [words.length, (/** @type {any} */ run) => (isUntimed(run.from) ? texts.unknown : duration(run.duration_ms))],
    [words.steps, (/** @type {any} */ run) => `${whole(run.steps)}${run.failed ? `, ${texts.run.failed(run.failed)}` : ""}`],
    [words.tokens, (/** @type {any} */ run) => `${whole(run.input_tokens)} → ${whole(run.output_tokens)}`], [words.cost, (/** @type {any} */ run) => money(run.cost_usd)],
    [words.answer, (/** @type {any} */ run) => (run.answer ? said(run.answer.text) : texts.unknown)]];
  return h("div", { class: "panel scroll", tabindex: "0", role: "group", "aria-label": words.title }, h("table", null, h("thead", null, h("tr", null, h("td"), h("th", { scope: "col" }, words.left), h("th", { scope: "col" }, nameOf(found)))),
    h("tbody", null, rows.map(([name, value]) => h("tr", null, h("th", { scope: "row" }, /** @type {string} */ (name)), h("td", null, /** @type {any} */ (value)(found.left)), h("td", null, /** @type {any} */ (value)(found.right)))))));
}

/** What the run on the right is: another incident is no good run. @param {any} found */
const nameOf = (found) => (found.right.incident_id ? words.other : words.right);

/** @param {any} step @param {boolean} isFirst @param {string} other */
function pair(step, isFirst, other) {
  const isSame = step.left && step.right && step.same_inputs !== false && step.same_outputs !== false && step.same_status !== false;
  const mark = !step.right ? badge("bad", words.onlyIn(words.left)) : !step.left ? badge("warn", words.onlyIn(other)) : isSame ? badge("good", words.same) : badge("warn", words.differs);
  return h("li", { class: `pair-row panel${isFirst ? " culprit" : ""}`, "data-item": true, tabindex: "-1" },
    h("div", { class: "row" }, isFirst ? badge("bad", words.first) : null, code(step.tool), mark, h("span", { class: "spread" }), side(step.left, words.left), side(step.right, other)),
    difference(words.inputs, step.inputs, other), difference(words.outputs, step.outputs, other));
}

/** @param {any} one @param {string} name */
function side(one, name) {
  return one ? h("span", { class: "small soft" }, `${name}: `, [one.status, one.duration_ms === null ? null : duration(one.duration_ms), one.input_tokens === null ? null : `${whole(one.input_tokens)} → ${whole(one.output_tokens)}`, one.cost_usd === null ? null : money(one.cost_usd)].filter(Boolean).join(" · "), one.failure ? [" ", said(one.failure)] : null) : null;
}

/** @param {string} name @param {any} found @param {string} other */
function difference(name, found, other) {
  return found ? h("div", { class: "difference" }, h("p", { class: "label" }, `${name} `, found.pointer ? code(found.pointer) : null),
    h("del", { dir: "auto" }, h("span", { class: "unseen" }, `${words.left}: `), found.left ?? texts.unknown), h("ins", { dir: "auto" }, h("span", { class: "unseen" }, `${other}: `), found.right ?? texts.unknown)) : null;
}

customElements.define("rca-compare", Compare);

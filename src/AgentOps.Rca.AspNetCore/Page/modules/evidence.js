import * as api from "./api.js";
import { go, link } from "./address.js";
import { copyButton } from "./copy.js";
import { hashOf, saysTheSame } from "./digest.js";
import { badge, button, code, fill, h, said, sentence } from "./dom.js";
import { failure } from "./failure.js";
import { bytes } from "./format.js";
import { texts } from "./texts.js";

const words = texts.evidence;

/** What more there is to show around the place that is pointed at, in bytes. */
const wide = 4096;

/**
 * The bytes that a claim rests on, with their SHA-256 computed again in this browser.
 * @fires close
 */
class Evidence extends HTMLElement {
  incident = "";
  report = "";
  /** @type {any[]} */ known = [];
  #stop = new AbortController();
  #id = "";

  connectedCallback() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", words.title);
    fill(this, h("p", { class: "soft" }, words.choose));
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  /** @param {string} id @param {number} [context] */
  async show(id, context) {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#id = id;
    const signal = this.#stop.signal;
    this.setAttribute("aria-busy", "true");
    try {
      const path = api.incident(this.incident, `/evidence/${encodeURIComponent(id)}`);
      const view = await api.get(path + api.query({ report: this.report, context }), signal);
      const proof = h("div", { class: "proof" });
      fill(this, this.#head(view), h("p", { class: "claim" }, sentence(view.text)), where(view), excerpt(view, () => this.show(id, wide)), proof);
      this.removeAttribute("aria-busy");
      this.dispatchEvent(new CustomEvent("shown", { detail: view }));
      await prove(view, `${path}/content${api.query({ report: this.report })}`, proof, signal);
    } catch (error) {
      if (!signal.aborted) {
        this.removeAttribute("aria-busy");
        fill(this, this.#bar(id), failure(error, () => this.show(id)));
      }
    }
  }

  /** @param {any} view */
  #head(view) {
    const mark = view.holds === false ? badge("bad", words.doesNotHold) : view.holds ? badge("good", words.holds) : null;
    return h("div", null, this.#bar(view.id), h("p", { class: "row" }, mark, said(view.kind, "tag")));
  }

  /** @param {string} id */
  #bar(id) {
    const at = this.known.findIndex((item) => item.id === id);
    /** @param {number} by */
    const step = (by) => () => go(link("incident", this.incident, "evidence", this.known[(at + by + this.known.length) % this.known.length].id), true);
    return h("div", { class: "row bytes-bar" }, h("h2", null, words.title, " ", code(id)),
      this.known.length > 1 ? [
        button("‹", step(-1), { class: "quiet", "data-key": "E", "aria-label": words.previous, title: words.previous }),
        button("›", step(1), { class: "quiet", "data-key": "e", "aria-label": words.next, title: words.next })] : null,
      button("×", () => this.dispatchEvent(new CustomEvent("close")), { class: "quiet close", "aria-label": texts.close }));
  }

  get id() {
    return this.#id;
  }
}

/** @param {any} view */
function where(view) {
  const { source } = view;
  return h("dl", { class: "where" },
    h("dt", null, words.source[/** @type {"span"} */ (source.kind)] ?? source.kind), h("dd", null, source.tool ? [code(source.tool), " "] : null, source.span_id ? code(source.span_id, "soft") : null),
    view.pointer ? [h("dt", null, words.at), h("dd", null, code(view.pointer))] : null,
    view.range ? [h("dt", null, words.range), h("dd", null, `${view.range.offset}–${view.range.offset + view.range.length} / ${source.length}`)] : null);
}

/** @param {any} view @param {() => void} more */
function excerpt(view, more) {
  const { context, source } = view;
  if (!context) {
    return h("p", { class: "failure" }, source.fault ? said(source.fault) : words.noBytes);
  }

  const before = context.offset > 0 ? h("span", { class: "soft" }, words.more) : null;
  const after = context.cut || context.offset + context.length < source.length ? h("span", { class: "soft" }, words.more) : null;
  const parts = context.parts.map((/** @type {any} */ part) => part.masked
    ? h(part.pointed ? "mark" : "span", { class: "masked", title: words.maskedWhy }, part.text)
    : part.pointed ? h("mark", null, part.text) : part.text);
  return h("div", null,
    h("pre", { class: "excerpt", dir: "ltr", tabindex: "0", "aria-label": words.title }, before, parts, after),
    before || after ? button(words.wider, more, { class: "quiet" }) : null,
    context.masked ? h("p", { class: "note" }, badge("plain", `${context.masked} ${words.masked}`), " ", words.maskedWhy) : null);
}

/** @param {any} view @param {string} path @param {HTMLElement} place @param {AbortSignal} signal */
async function prove(view, path, place, signal) {
  const { source } = view;
  const show = (/** @type {string | null} */ computed, /** @type {string} */ by, /** @type {boolean} */ isShownTrue) => fill(place,
    verdict(source, computed, isShownTrue),
    h("dl", { class: "digests" },
      h("dt", null, words.recorded), h("dd", null, source.recorded_sha256 ? code(source.recorded_sha256) : texts.unknown),
      h("dt", null, words.computed), h("dd", null, computed ? code(computed) : texts.unknown, h("span", { class: "soft" }, ` ${by}`))),
    source.fault && view.context ? h("p", { class: "failure" }, said(source.fault)) : null,
    h("p", { class: "row" },
      source.span_id ? h("a", { href: link("incident", view.incident_id, "span", source.span_id) }, words.openSpan) : null,
      copyButton(() => new URL(view.page, location.href).href, words.copyLink),
      h("span", { class: "soft" }, bytes(source.length))));
  show(source.computed_sha256, words.computing, true);
  try {
    const found = await hashOf(path, source.length, signal);
    const isShownTrue = !found.content || saysTheSame(found.content, view.context?.parts ?? []);
    show(found.sha256 ?? source.computed_sha256, words.by[found.by], isShownTrue);
  } catch (error) {
    if (!signal.aborted) {
      show(source.computed_sha256, words.by.server, true);
      place.append(h("p", { class: "note" }, said(error instanceof Error ? error.message : String(error))));
    }
  }
}

/** @param {any} source @param {string | null} computed @param {boolean} isShownTrue */
function verdict(source, computed, isShownTrue) {
  const isSame = computed !== null && computed === source.recorded_sha256;
  return !isShownTrue ? badge("bad", words.shownOther)
    : !source.recorded_sha256 ? badge("warn", words.notRecorded)
    : isSame && source.intact !== false ? badge("good", words.same) : computed || source.intact === false ? badge("bad", words.different) : badge("warn", words.noBytes);
}

customElements.define("rca-evidence", Evidence);

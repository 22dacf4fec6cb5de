import * as api from "./api.js";
import { link } from "./address.js";
import { badge, button, code, fill, h, said, sentence } from "./dom.js";
import { failure } from "./failure.js";
import { shortId, time, whole } from "./format.js";
import { signed } from "./session.js";
import { texts } from "./texts.js";

const words = texts.patternList;
const weeks = 13;
const week = 7 * 86_400_000;

/** The failures that come back, the most frequent first. */
class Patterns extends HTMLElement {
  #list = h("ol", { class: "patterns" });
  #foot = h("p", { class: "foot" });
  #stop = new AbortController();
  /** @type {string | null} */ #next = null;

  connectedCallback() {
    document.title = `${texts.patterns} · ${texts.product}`;
    fill(this, h("div", { class: "head" }, h("h1", null, texts.patterns)), h("p", { class: "soft" }, words.text), this.#list, this.#foot);
    this.#load();
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  async #load() {
    fill(this.#foot, texts.loading);
    try {
      const { body, next } = await api.page(`rca/patterns${api.query({ min_count: 1, limit: 30, cursor: this.#next })}`, this.#stop.signal);
      this.#next = next;
      for (const pattern of body) {
        const place = h("span", { class: "plot" });
        this.#list.append(entry(pattern, place));
        this.#plot(pattern, place);
      }

      fill(this.#foot, next ? button(texts.list.more, () => this.#load(), { class: "quiet" }) : this.#list.childElementCount ? texts.list.end : words.none);
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        fill(this.#foot, failure(error, () => this.#load()));
      }
    }
  }

  /** Counts by week, up to the last time that it was seen. @param {any} pattern @param {HTMLElement} place */
  async #plot(pattern, place) {
    if (pattern.count < 2 || !pattern.tool) {
      return;
    }

    const { body } = await api.page(`incidents${api.query({ view: "overview", limit: 500, tool: pattern.tool })}`, this.#stop.signal).catch(() => ({ body: [] }));
    const times = body.filter((/** @type {any} */ row) => row.recurrence?.signature === pattern.signature && row.analyzed_at).map((/** @type {any} */ row) => Date.parse(row.analyzed_at));
    const last = Math.max(...times);
    const counts = new Array(weeks).fill(0);
    for (const at of times) {
      const back = Math.floor((last - at) / week);
      if (back < weeks) {
        counts[weeks - 1 - back]++;
      }
    }

    if (times.length) {
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", words.plot(counts.join(", ")));
      place.append(...counts.map((count) => {
        const bar = h("span", { title: String(count) });
        bar.style.setProperty("--h", String(count / Math.max(...counts)));
        return bar;
      }));
    }
  }
}

/** @param {any} pattern @param {HTMLElement} plot */
function entry(pattern, plot) {
  return h("li", { class: "panel", "data-item": true, tabindex: "-1" },
    h("div", { class: "row" }, h("strong", { class: "count" }, `×${whole(pattern.count)}`), said(pattern.category, "tag"), pattern.tool ? code(pattern.tool) : null, pattern.error_class ? code(pattern.error_class, "soft") : null, h("span", { class: "spread" }), plot),
    h("p", { class: "soft small" }, `${words.first} `, time(pattern.first_seen), ` · ${words.last} `, time(pattern.last_seen)),
    h("p", { class: "row small" }, pattern.incidents.map((/** @type {string} */ id) => h("a", { href: link("incident", id) }, shortId(id)))),
    pattern.approved.length ? h("ul", null, pattern.approved.map((/** @type {any} */ one) => h("li", null, badge("good", texts.incident.approvedThen), " ",
      h("a", { href: link("incident", one.incident_id) }, sentence(one.root_cause ?? one.incident_id)), " ", signed(one.approver, one.approved_by), one.note ? [": ", said(one.note)] : null))) : null);
}

customElements.define("rca-patterns", Patterns);

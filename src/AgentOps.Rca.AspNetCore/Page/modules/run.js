import { link, read } from "./address.js";
import { fill, h } from "./dom.js";
import { texts } from "./texts.js";
import "./timeline.js";
import "./conversation.js";
import "./good-runs.js";

const words = texts.run;
const views = /** @type {const} */ (["timeline", "conversation", "compare"]);

/** The run behind an incident: drawn, told, or held against a good one. */
class Run extends HTMLElement {
  address = read();
  /** @type {any} */ report = null;
  /** @type {string | undefined} Which view to open, when the address names none. */ wanted;
  #view = "";
  #place = h("div", { id: "run-view" });
  #tabs = h("div", { class: "tabs", role: "tablist", "aria-label": words.title });

  connectedCallback() {
    this.classList.add("panel");
    fill(this.#tabs, views.map((view) => h("button", {
      type: "button", role: "tab", id: `tab-${view}`, "aria-controls": "run-view", "data-key": words.shortcuts[view], onclick: () => this.#open(view), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#step(event) }, words.views[view])));
    this.#place.setAttribute("role", "tabpanel");
    fill(this, h("div", { class: "row" }, h("h2", null, words.title), this.#tabs), this.#place);
    this.#open(this.address.step ? "conversation" : this.wanted ?? "timeline", true);
  }

  get view() {
    return this.#view;
  }

  /** @param {import("./address.js").Address} address */
  moved(address) {
    this.address = address;
    if (address.span || address.step) {
      this.#open(address.step ? "conversation" : this.#view === "compare" ? "timeline" : this.#view, true);
    }
  }

  /** @param {string} view @param {boolean} [toPlace] Whether the address names a place to show. */
  #open(view, toPlace) {
    for (const tab of this.#tabs.children) {
      const isHere = tab.id === `tab-${view}`;
      tab.setAttribute("aria-selected", String(isHere));
      tab.setAttribute("tabindex", isHere ? "0" : "-1");
    }

    if (this.#view !== view) {
      this.#view = view;
      const element = /** @type {any} */ (document.createElement({ timeline: "rca-timeline", conversation: "rca-conversation", compare: "rca-good-runs" }[view] ?? "rca-timeline"));
      element.incident = this.address.id;
      element.culprit = culpritOf(this.report);
      element.wanted = toPlace ? this.address.span ?? this.address.step ?? null : null;
      element.addEventListener("chosen", (/** @type {CustomEvent} */ event) => history.replaceState(null, "", link("incident", this.address.id, "span", event.detail)));
      this.#place.setAttribute("aria-labelledby", `tab-${view}`);
      fill(this.#place, element);
    } else if (toPlace) {
      /** @type {any} */ (this.#place.firstElementChild).choose?.(this.address.span ?? this.address.step);
    }

    if (toPlace && (this.address.span || this.address.step)) {
      this.scrollIntoView({ block: "start" });
    }
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) {
      const at = views.indexOf(/** @type {any} */ (this.#view));
      this.#open(views[(at + by + views.length) % views.length]);
      /** @type {HTMLElement} */ (this.#tabs.querySelector('[aria-selected="true"]')).focus();
    }
  }
}

/** The span at which the report finds the cause: that of the first evidence of its first hypothesis. @param {any} report */
function culpritOf(report) {
  const id = report?.verdict === "identified" ? report.hypotheses[0]?.evidence[0] : null;
  return report?.evidence.find((/** @type {any} */ item) => item.id === id)?.span_id ?? null;
}

customElements.define("rca-run", Run);

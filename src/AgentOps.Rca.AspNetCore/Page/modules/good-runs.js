import * as api from "./api.js";
import { link } from "./address.js";
import { code, fill, h } from "./dom.js";
import { failure } from "./failure.js";
import { duration, time, whole } from "./format.js";
import { texts } from "./texts.js";

const words = texts.compare;

/** The good runs that there are to compare with, the nearest first. */
class GoodRuns extends HTMLElement {
  incident = "";
  #stop = new AbortController();

  async connectedCallback() {
    fill(this, h("p", { class: "soft" }, texts.loading));
    try {
      const runs = await api.get(api.incident(this.incident, "/good-runs"), this.#stop.signal);
      fill(this, h("p", null, runs.length ? words.choose : words.none), h("ol", { class: "plainlist" }, runs.map((/** @type {any} */ run) => h("li", { class: "row" },
        h("a", { href: link("compare", this.incident, run.span_id), "data-item": true }, code(run.tool), " ", time(run.from)),
        h("span", { class: "soft small" }, words.run(duration(run.duration_ms), whole(run.span_count), duration(Math.abs(run.distance_seconds) * 1000), run.distance_seconds >= 0))))));
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        fill(this, failure(error));
      }
    }
  }

  disconnectedCallback() {
    this.#stop.abort();
  }
}

customElements.define("rca-good-runs", GoodRuns);

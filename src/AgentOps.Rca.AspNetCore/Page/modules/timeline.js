import * as api from "./api.js";
import { badge, button, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { duration, percent, whole } from "./format.js";
import { Overview } from "./overview.js";
import { Rows } from "./rows.js";
import { Scale } from "./scale.js";
import { stepDetail } from "./step.js";
import { texts } from "./texts.js";

const words = texts.timeline;
const rowsAtOnce = 1_000;

/** A run as it went: an overview in which every failure stays visible, and its calls as rows. */
class Timeline extends HTMLElement {
  incident = "";
  /** @type {string | null} */ culprit = null;
  /** @type {string | null} */ wanted = null;
  /** @type {any} */ #run = null;
  #isFolded = true;
  /** @type {string | null} */ #chosen = null;
  #stop = new AbortController();
  #detailStop = new AbortController();
  #head = h("div", { class: "run-head row small" });
  #notes = h("div");
  #detail = h("div", { class: "detail", "aria-live": "polite" });
  #overview = new Overview((from, to) => this.#load(from, to));
  #rows = new Rows((span) => this.choose(span), (row, count) => this.#rowsOf(row, count));

  async connectedCallback() {
    fill(this, this.#head, this.#overview.element, this.#notes, h("div", { class: "waterfall" }, this.#rows.element, this.#detail));
    const resized = new ResizeObserver(() => this.#overview.draw());
    resized.observe(this.#overview.element);
    this.#stop.signal.addEventListener("abort", () => resized.disconnect());
    await this.#load(null, null);
    const first = this.wanted ?? this.culprit;
    if (first && this.#run) {
      await this.choose(first);
    }
  }

  disconnectedCallback() {
    this.#stop.abort();
    this.#detailStop.abort();
  }

  /** @param {number | null} from @param {number | null} to In milliseconds; null is the whole run. */
  async #load(from, to, rows = 200) {
    try {
      const run = await this.#ask(from, to, 0, rows);
      this.#run = run;
      if (from === null) {
        this.#overview.run = run;
      }

      this.#overview.range = from === null || to === null ? null : [from, to];
      this.#overview.draw();
      this.#tell();
      return run;
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        fill(this.#notes, failure(error, () => this.#load(from, to)));
      }

      return null;
    }
  }

  /** @param {number | null} from @param {number | null} to @param {number} row @param {number} rows */
  #ask(from, to, row, rows) {
    const at = (/** @type {number | null} */ ms) => (ms === null ? null : instant(this.#run.origin, ms));
    const px = Math.max(100, Math.min(4000, Math.round(this.#overview.element.clientWidth) || 1000));
    return api.get(api.incident(this.incident, `/timeline${api.query({ px, row, rows, from: at(from), to: at(to) })}`), this.#stop.signal);
  }

  /** @param {number} row @param {number} count */
  async #rowsOf(row, count) {
    const run = this.#run;
    const range = this.#overview.range;
    const piece = await this.#ask(range?.[0] ?? null, range?.[1] ?? null, row, Math.min(rowsAtOnce, count));
    return run === this.#run ? piece.rows : [];
  }

  #tell() {
    const run = this.#run;
    const shares = run.gaps.reduce((/** @type {number} */ sum, /** @type {any} */ gap) => sum + gap.share, 0);
    const canFold = shares > 0.05;
    fill(this.#head,
      h("span", { class: "soft" }, words.calls(whole(run.span_count), duration(run.duration_ms))),
      run.failed_count ? badge("bad", words.failed(whole(run.failed_count))) : badge("good", words.noneFailed),
      run.failed_count ? [button("‹", () => this.#error(-1), { class: "quiet", "data-key": "p", "aria-label": words.previousError, title: words.previousError }),
        button("›", () => this.#error(1), { class: "quiet", "data-key": "n", "aria-label": words.nextError, title: words.nextError })] : null,
      h("span", { class: "spread" }),
      canFold ? h("label", { class: "check" }, h("input", { type: "checkbox", checked: this.#isFolded, onchange: () => {
        this.#isFolded = !this.#isFolded;
        this.#tell();
      } }), words.fold(run.gaps.length, percent(shares))) : null,
      this.#overview.range ? button(words.fit, () => this.#load(null, null), { class: "quiet" }) : null,
      button("+", () => this.#zoom(0.5), { class: "quiet", "aria-label": words.zoomIn, title: words.zoomIn }),
      button("−", () => this.#zoom(2), { class: "quiet", "aria-label": words.zoomOut, title: words.zoomOut }));
    const notes = [
      run.without_end ? words.withoutEnd(run.without_end) : null, run.end_before_start ? words.endBeforeStart(run.end_before_start) : null,
      run.unknown_parents ? words.unknownParents(run.unknown_parents) : null, run.clock ? words.clock(run.clock.spans, duration(run.clock.largest_ms)) : null,
      run.lanes_left_out ? words.lanesLeftOut(run.lanes_left_out) : null].filter(Boolean);
    fill(this.#notes, notes.length ? h("p", { class: "note" }, notes.join(" ")) : null);
    this.#rows.show(run, new Scale(run.from_ms, run.to_ms, canFold && this.#isFolded ? run.gaps : []), this.culprit, this.#chosen);
  }

  /** @param {number} by */
  #zoom(by) {
    const run = this.#run;
    const row = this.#rows.find(this.#chosen);
    const middle = row ? row.start_ms + (row.duration_ms ?? 0) / 2 : (run.from_ms + run.to_ms) / 2;
    const half = Math.max(0.001, (run.to_ms - run.from_ms) * by / 2);
    const [from, to] = [Math.max(0, middle - half), Math.min(run.duration_ms, middle + half)];
    this.#load(...(to - from >= run.duration_ms ? /** @type {[null, null]} */ ([null, null]) : /** @type {[number, number]} */ ([from, to])));
  }

  /** The next or previous failure, wherever it is. @param {1 | -1} by */
  async #error(by) {
    const { failures } = this.#run;
    const known = failures.in_range;
    const at = known.findIndex((/** @type {any} */ one) => one.span_id === this.#chosen);
    const here = this.#rows.find(this.#chosen)?.start_ms ?? (by > 0 ? -Infinity : Infinity);
    const next = at >= 0 ? known[at + by] : by > 0 ? known.find((/** @type {any} */ one) => one.at_ms > here) : known.findLast((/** @type {any} */ one) => one.at_ms < here);
    const found = next ?? (by > 0 ? failures.next ?? (this.#overview.range ? null : failures.left_out ? failures.last : failures.first) : failures.previous ?? failures.last);
    if (found) {
      await this.choose(found.span_id, found.at_ms);
    }
  }

  /** Shows a call: brings its row into view, narrowing what is drawn when there are too many, and tells what is known of it. @param {string} span @param {number} [at] */
  async choose(span, at) {
    this.#chosen = span;
    if (!this.#rows.find(span)) {
      await this.#find(span, at);
    }

    this.#rows.choose(span);
    if (this.#rows.find(span)) {
      this.dispatchEvent(new CustomEvent("chosen", { detail: span }));
    }

    await this.#open(span);
  }

  /** @param {string} span @param {number} [at] */
  async #find(span, at) {
    const range = this.#overview.range;
    const isOutside = range && at !== undefined && (at < range[0] || at > range[1]);
    let [from, to] = isOutside ? [0, this.#run.duration_ms] : range ?? [0, this.#run.duration_ms];
    let run = isOutside || this.#run.spans_in_range > this.#run.rows.length ? await this.#load(isOutside ? null : range?.[0] ?? null, isOutside ? null : range?.[1] ?? null, rowsAtOnce) : this.#run;
    for (let i = 0; run && at !== undefined && run.spans_in_range > rowsAtOnce && !this.#rows.find(span) && i < 8; i++) {
      const half = (to - from) * Math.min(0.4, rowsAtOnce / run.spans_in_range) / 2;
      [from, to] = [Math.max(0, at - half), Math.min(run.duration_ms, at + half)];
      run = await this.#load(from, to, rowsAtOnce);
    }
  }

  /** @param {string} span */
  async #open(span) {
    this.#detailStop.abort();
    this.#detailStop = new AbortController();
    const signal = this.#detailStop.signal;
    const row = this.#rows.find(span);
    const title = h("h3", null, said(row?.tool ?? span));
    try {
      fill(this.#detail, title, ...stepDetail(await api.get(api.incident(this.incident, `/step${api.query({ id: span })}`), signal), this.incident));
    } catch (error) {
      if (!signal.aborted) {
        const isNoStep = /** @type {any} */ (error).status === 404 && row;
        fill(this.#detail, title, isNoStep ? h("p", { class: "soft" }, words.noStep) : failure(error, () => this.#open(span)),
          row ? h("p", { class: "small" }, `${duration(row.start_ms)} → ${row.duration_ms === null ? texts.run.noEnd : duration(row.duration_ms)}`) : null);
      }
    }
  }
}

/** A time some milliseconds after another, to the microsecond. @param {string} origin @param {number} ms */
function instant(origin, ms) {
  const fraction = Number(`0.${/\.(\d+)/.exec(origin)?.[1] ?? "0"}`) * 1000;
  const whole_ = Date.parse(origin.replace(/\.\d+/, ""));
  const sum = fraction + ms;
  const second = Math.floor(sum / 1000);
  return `${new Date(whole_ + second * 1000).toISOString().slice(0, 19)}.${String(Math.floor((sum - second * 1000) * 1000)).padStart(6, "0")}Z`;
}

customElements.define("rca-timeline", Timeline);

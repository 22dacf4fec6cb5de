import * as api from "./api.js";
import { badge, button, fill, h } from "./dom.js";
import { failure } from "./failure.js";
import { duration, isUntimed, percent, whole } from "./format.js";
import { Overview } from "./overview.js";
import { Rows } from "./rows.js";
import { RunSearch } from "./run-search.js";
import { Scale } from "./scale.js";
import { SpanPanel } from "./span.js";
import { texts } from "./texts.js";

const words = texts.timeline;
const rowsAtOnce = 200;

/** Ten million ticks are a second: as fine as times are asked for. */
const tick = 1e-4;

/** A run as it went: an overview in which every failure stays visible, and its calls as rows. */
class Timeline extends HTMLElement {
  incident = "";
  /** @type {string | null} */ culprit = null;
  /** @type {string | null} */ wanted = null;
  /** @type {any} */ #run = null;
  #isFolded = true;
  /** @type {string | null} */ #chosen = null;
  /** @type {number | null} Which of the failures is chosen, from 1. */ #number = null;
  #stop = new AbortController();
  #walk = Promise.resolve();
  #head = h("div", { class: "row" });
  #tools = h("div", { class: "row" });
  #notes = h("div");
  #overview = new Overview((from, to) => this.#load(from, to));
  #rows = new Rows((span) => this.choose(span), (row, count) => this.#rowsOf(row, count));
  #search = new RunSearch(() => this.incident, (span) => this.choose(span), (hits) => this.#rows.mark(hits));
  #panel = new SpanPanel(() => this.incident);

  async connectedCallback() {
    fill(this, h("div", { class: "run-head row small" }, this.#head, this.#search.element, h("span", { class: "spread" }), this.#tools),
      this.#overview.element, this.#notes, h("div", { class: "waterfall" }, this.#rows.element, this.#panel.element));
    const resized = new ResizeObserver(() => this.#overview.draw());
    resized.observe(this.#overview.element);
    this.#stop.signal.addEventListener("abort", () => resized.disconnect());
    const first = this.wanted ?? this.culprit;
    await this.#load(null, null, first);
    this.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
    if (first && this.#run) {
      await this.choose(first);
    }
  }

  disconnectedCallback() {
    this.#stop.abort();
    this.#search.stop();
    this.#panel.stop();
    this.#overview.stop();
  }

  /** @param {number | null} from @param {number | null} to In milliseconds; null is the whole run. @param {string | null} [at] A call that is to be among the rows. @returns {Promise<any>} */
  async #load(from, to, at = this.#chosen) {
    try {
      const run = await this.#ask(from, to, { rows: rowsAtOnce, at });
      this.#run = run;
      if (from === null) {
        this.#overview.run = run;
      }

      this.#overview.range = from === null || to === null ? null : [from, to];
      this.#overview.draw();
      this.#tell();
      return run;
    } catch (error) {
      if (at && /** @type {any} */ (error).status === 404 && this.isConnected) {
        return this.#load(from, to, null);
      }

      if (!this.#stop.signal.aborted) {
        fill(this.#notes, failure(error, () => this.#load(from, to)));
      }

      return null;
    }
  }

  /** @param {number | null} from @param {number | null} to @param {Record<string, any>} more */
  #ask(from, to, more) {
    const at = (/** @type {number | null} */ ms) => (ms === null ? null : instant(this.#run.origin, ms));
    const px = Math.max(100, Math.min(4000, Math.round(this.#overview.element.clientWidth) || 1000));
    return api.get(api.incident(this.incident, `/timeline${api.query({ px, from: at(from), to: at(to), ...more })}`), this.#stop.signal);
  }

  /** @param {number} row @param {number} count */
  async #rowsOf(row, count) {
    const [run, range] = [this.#run, this.#overview.range];
    const piece = await this.#ask(range?.[0] ?? null, range?.[1] ?? null, { row, rows: Math.min(1_000, count), px: 1 });
    return run === this.#run ? piece.rows : [];
  }

  #tell() {
    const run = this.#run;
    const { failures } = run;
    const shares = run.gaps.reduce((/** @type {number} */ sum, /** @type {any} */ gap) => sum + gap.share, 0);
    const canFold = shares > 0.05;
    const at = failures.in_range.findIndex((/** @type {any} */ one) => one.span_id === this.#chosen);
    this.#number = at >= 0 ? failures.before + at + 1 : this.#number;
    fill(this.#head,
      h("span", { class: "soft" }, words.calls(whole(run.span_count), isUntimed(run.origin) ? "" : duration(run.duration_ms))),
      run.failed_count ? badge("bad", words.failed(whole(run.failed_count))) : badge("good", words.noneFailed),
      run.failed_count ? h("span", null, button("‹", () => this.#error(-1), { class: "quiet", "data-key": "p", "aria-label": words.previousError, title: words.previousError }),
        h("span", { class: "error-number" }, this.#number ? words.error(whole(this.#number), whole(run.failed_count)) : null),
        button("›", () => this.#error(1), { class: "quiet", "data-key": "n", "aria-label": words.nextError, title: words.nextError })) : null);
    fill(this.#tools,
      canFold ? h("label", { class: "check" }, h("input", { type: "checkbox", checked: this.#isFolded, "data-key": "f", onchange: () => {
        this.#isFolded = !this.#isFolded;
        this.#tell();
      } }), words.fold(run.gaps.length, percent(shares))) : null,
      this.#overview.range ? [
        button(words.fit, () => this.#load(null, null), { class: "quiet", "data-key": "0" }),
        button("←", () => this.#pan(-0.5), { class: "quiet", "data-key": "h", "aria-label": words.earlier, title: words.earlier }),
        button("→", () => this.#pan(0.5), { class: "quiet", "data-key": "l", "aria-label": words.later, title: words.later })] : null,
      button("+", () => this.#zoom(0.5), { class: "quiet", "data-key": "+", "aria-label": words.zoomIn, title: words.zoomIn }),
      button("−", () => this.#zoom(2), { class: "quiet", "data-key": "-", "aria-label": words.zoomOut, title: words.zoomOut }));
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
    const at = row && row.start_ms + (row.duration_ms ?? 0) / 2;
    const middle = at >= run.from_ms && at <= run.to_ms ? at : (run.from_ms + run.to_ms) / 2;
    this.#show(middle, Math.max(0.001, (run.to_ms - run.from_ms) * by / 2));
  }

  /** @param {number} by The share of what is shown. */
  #pan(by) {
    const { from_ms, to_ms, duration_ms } = this.#run;
    const half = (to_ms - from_ms) / 2;
    this.#show(Math.max(half, Math.min(duration_ms - half, (from_ms + to_ms) / 2 + by * 2 * half)), half);
  }

  /** @param {number} middle @param {number} half */
  #show(middle, half) {
    const [from, to] = [Math.max(0, middle - half), Math.min(this.#run.duration_ms, middle + half)];
    return to - from >= this.#run.duration_ms ? this.#load(null, null) : this.#load(from, to);
  }

  /** One press after the other: each goes on from where the one before it arrived. @param {1 | -1} by */
  #error(by) {
    this.#walk = this.#walk.then(() => this.#toError(by));
  }

  /** The next or previous failure, wherever it is. @param {1 | -1} by */
  async #toError(by) {
    const chosen = this.#chosen;
    const { failures } = this.#run;
    const row = this.#rows.find(this.#chosen);
    let found = null;
    if (row) {
      // What begins in the same instant stands in the piece, and what begins before and after it beside it.
      const here = (await this.#ask(Math.max(0, row.start_ms - tick), row.start_ms + 2 * tick, { rows: 0, px: 1 }).catch(() => null))?.failures;
      const at = here?.in_range.findIndex((/** @type {any} */ one) => one.span_id === this.#chosen) ?? -1;
      found = here && (at >= 0 ? here.in_range[at + by] : by > 0 ? here.in_range[0] : null);
      this.#number = here ? here.before + (found ? here.in_range.indexOf(found) + 1 : by > 0 ? here.in_range.length + 1 : 0) : null;
      found ??= by > 0 ? here?.next : here?.previous;
    }

    if (!found) {
      [found, this.#number] = by > 0 ? [failures.first, 1] : [failures.last, this.#run.failed_count];
    }

    if (found && this.#chosen === chosen) {
      await this.choose(found.span_id);
    }
  }

  /** Shows a call: brings its row into view, wherever it is, and tells what is known of it. @param {string} span */
  async choose(span) {
    this.#chosen = span;
    const range = this.#overview.range;
    if (!this.#rows.find(span)) {
      const run = await this.#load(range?.[0] ?? null, range?.[1] ?? null, span);
      run && run.at_row === null && range && (await this.#load(null, null, span));
    } else {
      this.#tellNumber();
    }

    if (this.#chosen !== span) {
      return;
    }

    this.#rows.choose(span);
    const row = this.#rows.find(span);
    if (row) {
      this.dispatchEvent(new CustomEvent("chosen", { detail: span }));
    }

    this.#panel.show(span, row);
  }

  #tellNumber() {
    const row = this.#rows.find(this.#chosen);
    const at = this.#run.failures.in_range.findIndex((/** @type {any} */ one) => one.span_id === this.#chosen);
    this.#number = at >= 0 ? this.#run.failures.before + at + 1 : row?.failed ? this.#number : null;
    const place = this.#head.querySelector(".error-number");
    place && (place.textContent = this.#number ? words.error(whole(this.#number), whole(this.#run.failed_count)) : "");
  }
}

/** A time some milliseconds after another, to the tick. @param {string} origin @param {number} ms */
function instant(origin, ms) {
  const fraction = Number((/\.(\d+)/.exec(origin)?.[1] ?? "").padEnd(7, "0").slice(0, 7));
  const ticks = fraction + Math.round(ms / tick);
  const second = Math.floor(ticks / 1e7);
  const start = Date.parse(origin.replace(/\.\d+/, ""));
  return `${new Date(start + second * 1000).toISOString().slice(0, 19)}.${String(ticks - second * 1e7).padStart(7, "0")}Z`;
}

customElements.define("rca-timeline", Timeline);

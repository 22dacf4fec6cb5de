import { h, said } from "./dom.js";
import { duration } from "./format.js";
import { texts } from "./texts.js";

const rowHeight = 28;
const tallest = 8_000_000;
const spare = 20;

/** The calls of a run as rows, of which only those in view exist. */
export class Rows {
  element = h("div", { class: "rows", role: "group", "aria-label": texts.timeline.rows });
  #body = h("ol", { class: "rows-body" });
  /** @type {Map<number, any>} */ #known = new Map();
  /** @type {Map<number, HTMLElement>} */ #made = new Map();
  #count = 0;
  #isAsking = false;
  /** @type {import("./scale.js").Scale | null} */ #scale = null;
  /** @type {string | null} */ #culprit = null;
  /** @type {string | null} */ #chosen = null;
  #choose;
  #ask;
  #run = 0;

  /** @param {(span: string) => void} choose @param {(row: number, count: number) => Promise<any[]>} ask */
  constructor(choose, ask) {
    this.#choose = choose;
    this.#ask = ask;
    this.element.append(this.#body);
    this.element.addEventListener("scroll", () => requestAnimationFrame(() => this.#draw()), { passive: true });
  }

  /** @param {any} run @param {import("./scale.js").Scale} scale @param {string | null} culprit @param {string | null} chosen */
  show(run, scale, culprit, chosen) {
    this.#run++;
    this.#scale = scale;
    this.#culprit = culprit;
    this.#chosen = chosen;
    this.#count = run.spans_in_range;
    this.#known = new Map(run.rows.map((/** @type {any} */ row, /** @type {number} */ at) => [run.row + at, row]));
    this.#made.clear();
    this.#body.replaceChildren();
    this.#body.style.setProperty("height", `${Math.min(tallest, this.#count * rowHeight)}px`);
    this.#draw();
  }

  /** @param {string | null} span @returns {any} */
  find(span) {
    return span === null ? undefined : [...this.#known.values()].find((row) => row.span_id === span);
  }

  /** @param {string} span */
  choose(span) {
    this.#chosen = span;
    const found = [...this.#known].find(([, row]) => row.span_id === span);
    if (found) {
      const top = this.#top(found[0]);
      const { scrollTop, clientHeight } = this.element;
      if (top < scrollTop || top + rowHeight > scrollTop + clientHeight) {
        this.element.scrollTop = top - clientHeight / 2;
      }
    }

    this.#draw();
    for (const made of this.#made.values()) {
      made.firstElementChild?.setAttribute("aria-pressed", String(made.dataset.span === span));
    }
  }

  /** Where a row is; very many rows share what height a browser can give. @param {number} row */
  #top(row) {
    const height = this.#count * rowHeight;
    return height <= tallest ? row * rowHeight : (row / this.#count) * tallest;
  }

  #draw() {
    const { scrollTop, clientHeight } = this.element;
    const perRow = Math.min(tallest, this.#count * rowHeight) / Math.max(1, this.#count);
    const first = Math.max(0, Math.floor(scrollTop / perRow) - 2);
    const last = Math.min(this.#count - 1, first + Math.ceil((clientHeight || 400) / rowHeight) + 4);
    for (const [row, element] of this.#made) {
      if (row < first || row > last) {
        element.remove();
        this.#made.delete(row);
      }
    }

    let missing = -1;
    for (let row = first; row <= last; row++) {
      const call = this.#known.get(row);
      missing = call || missing >= 0 ? missing : row;
      let element = this.#made.get(row);
      if (call && !element) {
        element = this.#make(call);
        this.#made.set(row, element);
        const after = [...this.#made].filter(([other]) => other > row).sort(([a], [b]) => a - b)[0];
        this.#body.insertBefore(element, after?.[1] ?? null);
      }

      // Rows that share a pixel are laid out one below the other from the first in view.
      element?.style.setProperty("--top", `${this.#count * rowHeight <= tallest ? row * rowHeight : scrollTop + (row - first - 2) * rowHeight}px`);
    }

    if (missing >= 0) {
      this.#fetch(Math.max(0, missing - spare), last - missing + 2 * spare + 100);
    }
  }

  /** @param {number} row @param {number} count */
  async #fetch(row, count) {
    if (this.#isAsking) {
      return;
    }

    this.#isAsking = true;
    const run = this.#run;
    try {
      const rows = await this.#ask(row, count);
      if (run === this.#run) {
        rows.forEach((call, at) => this.#known.set(row + at, call));
      }

      this.#isAsking = false;
      rows.length && this.#draw();
    } catch {
      this.#isAsking = false;
    }
  }

  /** @param {any} call */
  #make(call) {
    const scale = /** @type {import("./scale.js").Scale} */ (this.#scale);
    const x = scale.x(call.start_ms);
    const end = call.no_end || call.duration_ms === null ? 1 : scale.x(call.start_ms + call.duration_ms);
    const bar = h("span", { class: `span-bar${call.no_end ? " no-end" : ""}` });
    bar.style.setProperty("--x", String(x));
    bar.style.setProperty("--w", String(call.duration_ms === null && !call.no_end ? 0 : Math.max(0, end - x)));
    const label = h("span", { class: "span-name" }, call.failed ? h("span", { class: "cross", "aria-hidden": "true" }, "✕ ") : null, said(call.tool));
    label.style.setProperty("--depth", String(Math.min(call.depth, 12)));
    const length = call.no_end ? texts.run.noEnd : duration(call.duration_ms);
    const isCulprit = call.span_id === this.#culprit;
    return h("li", { "data-span": call.span_id, class: `${call.failed ? "failed" : ""}${isCulprit ? " culprit" : ""}` },
      h("button", {
        type: "button", class: "span-row", "data-item": true, "aria-pressed": String(call.span_id === this.#chosen), title: `${call.tool} · ${length}${call.moved_ms ? ` · ${texts.timeline.moved(duration(call.moved_ms))}` : ""}`,
        onclick: () => this.#choose(call.span_id) },
        label, h("span", { class: "unseen" }, [length, call.failed ? texts.run.statuses.failed : "", isCulprit ? texts.run.culprit : ""].join(" ")),
        h("span", { class: "track", "aria-hidden": "true" }, ...scale.gaps.map((gap) => {
          const fold = h("span", { class: "fold" });
          fold.style.setProperty("--x", String(gap.x));
          fold.style.setProperty("--w", String(gap.w));
          return fold;
        }), bar, isCulprit ? h("span", { class: "here" }, texts.run.culprit) : null)));
  }
}

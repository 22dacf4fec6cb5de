import { h, said } from "./dom.js";
import { duration, lasted } from "./format.js";
import { texts } from "./texts.js";

const rowHeight = 28;

/** No browser draws an element of many millions of pixels; more rows than fit share the height. */
const tallest = 8_000_000;
const spare = 100;
const mostKnown = 8_000;

/** @type {Record<string, string>} What a call is, by the start of its name. */
const kinds = { "tool.call/": texts.run.kinds.tool, "llm.call/": texts.run.kinds.model, "agent.run/": texts.run.kinds.run, "guardrail/": texts.run.kinds.guardrail };

/** The calls of a run as rows, of which only those in view exist. */
export class Rows {
  element = h("div", { class: "rows", role: "group", "aria-label": texts.timeline.rows, tabindex: "-1" });
  #body = h("ol", { class: "rows-body" });
  /** @type {Map<number, any>} */ #known = new Map();
  /** @type {Map<string, number>} */ #places = new Map();
  /** @type {Map<number, HTMLElement>} */ #made = new Map();
  #count = 0;
  #isAsking = false;
  #isDrawing = false;
  /** @type {import("./scale.js").Scale | null} */ #scale = null;
  /** @type {string | null} */ #origin = null;
  /** @type {string | null} */ #culprit = null;
  /** @type {string | null} */ #chosen = null;
  /** @type {Set<string>} */ #hits = new Set();
  /** @type {number | null} The row that is to have the focus as soon as it is there. */ #focused = null;
  #choose;
  #ask;
  #run = 0;

  /** @param {(span: string) => void} choose @param {(row: number, count: number) => Promise<any[]>} ask */
  constructor(choose, ask) {
    this.#choose = choose;
    this.#ask = ask;
    this.element.append(this.#body);
    this.element.addEventListener("keydown", (event) => this.#pressed(event));
    this.element.addEventListener("scroll", () => {
      if (!this.#isDrawing) {
        this.#isDrawing = true;
        requestAnimationFrame(() => {
          this.#isDrawing = false;
          this.#draw();
        });
      }
    }, { passive: true });
  }

  /** @param {any} run @param {import("./scale.js").Scale} scale @param {string | null} culprit @param {string | null} chosen */
  show(run, scale, culprit, chosen) {
    const hadFocus = this.#body.contains(document.activeElement);
    this.#run++;
    this.#scale = scale;
    this.#origin = run.origin;
    this.#culprit = culprit;
    this.#chosen = chosen;
    this.#count = run.spans_in_range;
    this.#known.clear();
    this.#places.clear();
    this.#learn(run.row, run.rows);
    this.#made.clear();
    this.#body.replaceChildren();
    this.#body.style.setProperty("height", `${this.#height}px`);
    this.#draw();
    if (hadFocus) {
      this.element.focus({ preventScroll: true });
      this.#focused = chosen === null ? null : this.#places.get(chosen) ?? null;
    }
  }

  /** @param {string | null} span @returns {any} */
  find(span) {
    const row = span === null ? undefined : this.#places.get(span);
    return row === undefined ? undefined : this.#known.get(row);
  }

  /** @param {string} span */
  choose(span) {
    this.#chosen = span;
    const row = this.#places.get(span);
    if (row !== undefined) {
      this.#reveal(row);
    }

    this.#draw();
    for (const made of this.#made.values()) {
      made.firstElementChild?.setAttribute("aria-pressed", String(made.dataset.span === span));
    }
  }

  /** Marks what a search found. @param {Set<string>} hits */
  mark(hits) {
    this.#hits = hits;
    for (const made of this.#made.values()) {
      made.classList.toggle("hit", hits.has(/** @type {string} */ (made.dataset.span)));
    }
  }

  get #height() {
    return Math.min(tallest, this.#count * rowHeight);
  }

  get #inView() {
    return (this.element.clientHeight || 400) / rowHeight;
  }

  /** The row at the upper edge, with its fraction. */
  get #first() {
    const { scrollTop, clientHeight } = this.element;
    return this.#count * rowHeight <= tallest ? scrollTop / rowHeight
      : (scrollTop / Math.max(1, tallest - clientHeight)) * Math.max(0, this.#count - this.#inView);
  }

  /** Scrolls until a row is in view: to the middle, unless it is there. @param {number} row @param {boolean} [isNext] Whether to scroll no further than needed. */
  #reveal(row, isNext) {
    const [first, inView] = [this.#first, this.#inView];
    if (row >= first && row + 1 <= first + inView) {
      return;
    }

    const wanted = !isNext ? row - inView / 2 : row < first ? row : row + 1 - inView;
    const most = Math.max(0, this.#count - inView);
    const top = Math.max(0, Math.min(most, wanted));
    this.element.scrollTop = this.#count * rowHeight <= tallest ? top * rowHeight : (top / Math.max(1, most)) * (tallest - this.element.clientHeight);
  }

  #draw() {
    const top = this.#first;
    const first = Math.max(0, Math.floor(top) - 2);
    const last = Math.min(this.#count - 1, Math.ceil(top + this.#inView) + 2);
    for (const [row, element] of this.#made) {
      if (row < first || row > last) {
        element.remove();
        this.#made.delete(row);
      }
    }

    const { scrollTop } = this.element;
    let missing = -1;
    /** @type {HTMLElement | null} */
    let before = null;
    for (let row = last; row >= first; row--) {
      const call = this.#known.get(row);
      missing = call ? missing : row;
      let element = this.#made.get(row);
      if (call && !element) {
        element = this.#make(call, row);
        this.#made.set(row, element);
        this.#body.insertBefore(element, before);
      }

      element?.style.setProperty("--top", `${this.#count * rowHeight <= tallest ? row * rowHeight : scrollTop + (row - top) * rowHeight}px`);
      before = element ?? before;
    }

    if (this.#focused !== null && this.#made.has(this.#focused)) {
      /** @type {HTMLElement} */ (this.#made.get(this.#focused)?.firstElementChild).focus({ preventScroll: true });
      this.#focused = null;
    }

    if (missing >= 0) {
      this.#fetch(Math.max(0, missing - spare), last - missing + 2 * spare);
    }
  }

  /** @param {number} row @param {number} count */
  async #fetch(row, count) {
    if (this.#isAsking) {
      return;
    }

    this.#isAsking = true;
    const run = this.#run;
    const rows = await this.#ask(row, count).catch(() => []);
    this.#isAsking = false;
    if (run === this.#run && rows.length) {
      this.#learn(row, rows);
      this.#draw();
    } else if (run !== this.#run) {
      this.#draw();
    }
  }

  /** @param {number} first @param {any[]} rows */
  #learn(first, rows) {
    rows.forEach((call, at) => {
      this.#known.set(first + at, call);
      this.#places.set(call.span_id, first + at);
    });
    if (this.#known.size > mostKnown) {
      // What was seen longest ago is asked for again when it is wanted.
      for (const [row, call] of this.#known) {
        if (this.#known.size <= mostKnown / 2 || (row >= first && row < first + rows.length)) {
          break;
        }

        this.#known.delete(row);
        this.#places.delete(call.span_id);
      }
    }
  }

  /** Walks the rows, also those that are not there yet. @param {KeyboardEvent} event */
  #pressed(event) {
    const here = [...this.#made].find(([, element]) => element.contains(document.activeElement))?.[0] ?? (this.#chosen === null ? undefined : this.#places.get(this.#chosen)) ?? -1;
    const page = Math.max(1, Math.floor(this.#inView) - 1);
    const by = /** @type {Record<string, number>} */ ({ ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -this.#count, End: this.#count })[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }

    event.preventDefault();
    event.stopPropagation();
    this.#focused = Math.max(0, Math.min(this.#count - 1, here + by));
    this.#reveal(this.#focused, true);
    this.#draw();
  }

  /** @param {any} call @param {number} row */
  #make(call, row) {
    const scale = /** @type {import("./scale.js").Scale} */ (this.#scale);
    const x = scale.x(call.start_ms);
    const end = call.no_end || call.duration_ms === null ? 1 : scale.x(call.start_ms + call.duration_ms);
    const bar = h("span", { class: `span-bar${call.no_end ? " no-end" : ""}` });
    bar.style.setProperty("--x", String(x));
    bar.style.setProperty("--w", String(call.duration_ms === null && !call.no_end ? 0 : Math.max(0, end - x)));
    const [kind, name] = split(call.tool);
    const label = h("span", { class: "span-name" }, call.failed ? h("span", { class: "cross", "aria-hidden": "true" }, "✕ ") : null,
      kind ? [h("span", { class: "span-kind" }, kind), " "] : null, said(name));
    label.style.setProperty("--depth", String(Math.min(call.depth, 12)));
    const length = call.no_end ? texts.run.noEnd : lasted(this.#origin, call.duration_ms, call.tool.startsWith("agent.run/"));
    const isCulprit = call.span_id === this.#culprit;
    const moved = call.moved_ms ? texts.timeline.moved(duration(call.moved_ms)) : null;
    return h("li", { "data-span": call.span_id, "aria-setsize": this.#count, "aria-posinset": row + 1, class: [call.failed && "failed", isCulprit && "culprit", this.#hits.has(call.span_id) && "hit"].filter(Boolean).join(" ") },
      h("button", {
        type: "button", class: "span-row", "data-item": true, "aria-pressed": String(call.span_id === this.#chosen), title: [call.tool, length, moved, call.service].filter(Boolean).join(" · "),
        onclick: () => this.#choose(call.span_id) },
        label, h("span", { class: "unseen" }, [length, call.failed ? texts.run.statuses.failed : "", isCulprit ? texts.run.culprit : "", moved ?? ""].join(" ")),
        h("span", { class: "track", "aria-hidden": "true" }, ...scale.gaps.map((gap) => {
          const fold = h("span", { class: "fold", title: texts.timeline.gap(duration(gap.to - gap.from)) });
          fold.style.setProperty("--x", String(gap.x));
          fold.style.setProperty("--w", String(gap.w));
          return fold;
        }), bar, isCulprit ? h("span", { class: "here" }, texts.run.culprit) : null)));
  }
}

/** @param {string} tool @returns {[string | null, string]} */
function split(tool) {
  const start = tool.slice(0, tool.indexOf("/") + 1);
  return Object.hasOwn(kinds, start) && tool.length > start.length ? [kinds[start], tool.slice(start.length)] : [null, tool];
}

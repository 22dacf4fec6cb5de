import { h } from "./dom.js";
import { duration } from "./format.js";
import { texts } from "./texts.js";

const laneHeight = 14;
const mostLanes = 12;
const markHeight = 12;

/** The whole run on a canvas, drawn from a summary in which failures survive; a stretch of it is chosen by dragging. */
export class Overview {
  /** @type {any} */ run = null;
  /** @type {[number, number] | null} */ range = null;
  #canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { role: "img" }));
  element = h("div", { class: "overview" }, this.#canvas);
  /** @type {number | null} */ #from = null;
  #to = 0;
  #stop = new AbortController();

  /** @param {(from: number | null, to: number | null) => void} chosen */
  constructor(chosen) {
    this.#canvas.addEventListener("pointerdown", (event) => {
      this.#from = this.#to = event.offsetX;
      this.#canvas.setPointerCapture(event.pointerId);
    });
    this.#canvas.addEventListener("pointermove", (event) => {
      if (this.#from !== null) {
        this.#to = event.offsetX;
        requestAnimationFrame(() => this.draw());
      }
    });
    this.#canvas.addEventListener("pointerup", () => {
      const [left, right] = [Math.min(this.#from ?? 0, this.#to), Math.max(this.#from ?? 0, this.#to)];
      this.#from = null;
      const scale = this.run.duration_ms / this.#canvas.clientWidth;
      right - left < 4 ? chosen(null, null) : chosen(Math.max(0, left * scale), Math.min(this.run.duration_ms, right * scale));
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw(), { signal: this.#stop.signal });
  }

  stop() {
    this.#stop.abort();
  }

  draw() {
    const run = this.run;
    if (!run) {
      return;
    }

    const lanes = run.lanes.slice(0, mostLanes);
    const [width, height] = [this.element.clientWidth, markHeight + Math.max(1, lanes.length) * laneHeight + 2];
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.setProperty("height", `${height}px`);
    this.#canvas.setAttribute("aria-label", texts.timeline.overview(duration(run.duration_ms), run.failed_count, lanes.length));
    const style = getComputedStyle(this.element);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name);
    const pen = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    pen.scale(ratio, ratio);
    const step = width / run.px;
    const most = Math.max(1, ...lanes.flatMap((/** @type {any} */ lane) => lane.segments.map((/** @type {any} */ one) => one.spans)));
    for (const [at, lane] of lanes.entries()) {
      const y = markHeight + at * laneHeight;
      pen.fillStyle = colour("--bar-colour");
      for (const one of lane.segments) {
        pen.globalAlpha = 0.3 + 0.6 * Math.min(1, Math.log2(1 + one.spans) / Math.log2(1 + most));
        pen.fillRect(one.x * step, y + 2, Math.max(1, one.w * step), laneHeight - 4);
      }
    }

    // Failures last, over everything, and never thinner than can be seen.
    pen.globalAlpha = 1;
    pen.fillStyle = colour("--bad-colour");
    for (const [at, lane] of lanes.entries()) {
      // A call that failed lies over many pieces, and has one mark, where it begins; so has each that fails within it.
      let [marked, running] = ["", 0];
      for (const one of lane.segments.filter((/** @type {any} */ piece) => piece.failed)) {
        const x = one.x * step;
        pen.fillRect(x, markHeight + at * laneHeight + laneHeight - 4, Math.max(2.5, one.w * step), 3);
        if (one.span_id !== marked || one.failed > running) {
          pen.fillRect(x, markHeight + at * laneHeight + 1, Math.max(2.5, Math.min(6, one.w * step)), laneHeight - 2);
          pen.beginPath();
          const middle = Math.max(4, Math.min(width - 4, x + 1));
          pen.moveTo(middle - 4, 1);
          pen.lineTo(middle + 4, 1);
          pen.lineTo(middle, 8);
          pen.fill();
        }

        [marked, running] = [one.span_id, one.failed];
      }
    }

    const chosen = this.#from !== null ? [Math.min(this.#from, this.#to), Math.max(this.#from, this.#to)]
      : this.range ? this.range.map((ms) => (ms / run.duration_ms) * width) : null;
    if (chosen) {
      pen.fillStyle = pen.strokeStyle = colour("--accent-colour");
      pen.globalAlpha = 0.14;
      pen.fillRect(chosen[0], 0, Math.max(2, chosen[1] - chosen[0]), height);
      pen.globalAlpha = 1;
      pen.strokeRect(chosen[0] + 0.5, 0.5, Math.max(2, chosen[1] - chosen[0]) - 1, height - 1);
    }
  }
}

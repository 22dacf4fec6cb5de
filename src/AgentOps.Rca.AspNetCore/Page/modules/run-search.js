import * as api from "./api.js";
import { announce, button, h } from "./dom.js";
import { whole } from "./format.js";
import { texts } from "./texts.js";

const words = texts.search;
const atOnce = 500;

/** Looks for calls of a run by their names, agents, services and ids, and walks from one to the next. */
export class RunSearch {
  #input = /** @type {HTMLInputElement} */ (h("input", {
    type: "search", "aria-label": words.label, placeholder: words.hint, dir: "auto", maxlength: 512, "data-key": "/",
    oninput: () => this.#later(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#pressed(event) }));
  #told = h("span", { class: "soft small", role: "status" });
  #steps = h("span", { hidden: true },
    button("‹", () => this.#go(-1), { class: "quiet", "data-key": "[", "aria-label": words.previous, title: words.previous }),
    button("›", () => this.#go(1), { class: "quiet", "data-key": "]", "aria-label": words.next, title: words.next }));
  element = h("span", { class: "run-search", role: "search" }, this.#input, this.#told, this.#steps);
  /** @type {Map<number, any>} */ #found = new Map();
  #count = 0;
  #at = -1;
  #waiting = 0;
  #stop = new AbortController();
  #incident;
  #choose;
  #mark;

  /** @param {() => string} incident @param {(span: string) => void} choose @param {(hits: Set<string>) => void} mark */
  constructor(incident, choose, mark) {
    this.#incident = incident;
    this.#choose = choose;
    this.#mark = mark;
  }

  stop() {
    clearTimeout(this.#waiting);
    this.#stop.abort();
  }

  #later() {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.#begin(), 250);
  }

  async #begin() {
    clearTimeout(this.#waiting);
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#found.clear();
    [this.#count, this.#at] = [0, -1];
    if (!this.#input.value.trim()) {
      this.#tell("");
    } else if (await this.#load(0)) {
      this.#count ? await this.#go(1) : this.#tell(words.none);
    }
  }

  /** @param {number} skip */
  async #load(skip) {
    const signal = this.#stop.signal;
    try {
      const answer = await api.get(api.incident(this.#incident(), `/search${api.query({ q: this.#input.value, skip, limit: atOnce })}`), signal);
      this.#count = answer.count;
      answer.found.forEach((/** @type {any} */ hit, /** @type {number} */ at) => this.#found.set(skip + at, hit));
      return true;
    } catch (error) {
      if (!signal.aborted) {
        this.#tell(error instanceof Error ? error.message : String(error));
      }

      return false;
    }
  }

  /** @param {number} by */
  async #go(by) {
    if (!this.#count) {
      return;
    }

    const next = (this.#at + by + this.#count) % this.#count;
    if (!this.#found.has(next) && !(await this.#load(Math.floor(next / atOnce) * atOnce))) {
      return;
    }

    this.#at = next;
    this.#tell(words.found(whole(next + 1), whole(this.#count)));
    this.#choose(this.#found.get(next).span_id);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.#at < 0 ? this.#begin() : this.#go(event.shiftKey ? -1 : 1);
    }
  }

  /** @param {string} text */
  #tell(text) {
    if (this.#told.textContent !== text) {
      this.#told.textContent = text;
      announce(text);
    }

    this.#steps.hidden = this.#count < 1;
    this.#mark(new Set([...this.#found.values()].map((hit) => hit.span_id)));
  }
}

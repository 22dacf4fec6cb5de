import * as api from "./api.js";
import { badge, button, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { whole } from "./format.js";
import { stepView } from "./step.js";
import { texts } from "./texts.js";

const words = texts.run;
const pageSize = 50;

/** So many pages are in the document at once; those that were left behind are asked for again when one goes back. */
const mostPages = 8;

/** @typedef {{ at: string | null, cursor: string | null, next: string | null, steps: HTMLElement[] }} Page */

/** The steps of the agents as a conversation, with the culprit marked. */
class Conversation extends HTMLElement {
  incident = "";
  /** @type {string | null} */ wanted = null;
  #steps = h("ol", { class: "steps" });
  #back = h("p", { class: "foot" });
  #foot = h("p", { class: "foot" });
  #head = h("div", { class: "run-head" });
  #stop = new AbortController();
  /** @type {Page[]} What is in the document. */ #pages = [];
  /** @type {Page[]} The pages that were before it, the last one last. */ #before = [];
  #isLoading = false;
  /** @type {IntersectionObserver | null} */ #seen = null;

  connectedCallback() {
    fill(this, this.#head, this.#back, this.#steps, this.#foot);
    this.#seen = new IntersectionObserver((entries) => {
      for (const entry of entries.filter((one) => one.isIntersecting)) {
        entry.target === this.#foot ? this.#forward() : this.#backward();
      }
    }, { rootMargin: "800px" });
    this.#seen.observe(this.#foot);
    this.#seen.observe(this.#back);
    this.#begin(this.wanted).then(() => this.dispatchEvent(new CustomEvent("drawn", { bubbles: true })));
  }

  disconnectedCallback() {
    this.#seen?.disconnect();
    this.#stop.abort();
  }

  /** @param {string} span */
  choose(span) {
    const shown = this.#steps.querySelector(`[data-step="${CSS.escape(span)}"]`);
    shown ? this.#show(shown) : this.#begin(span);
  }

  /** @param {string | null} at */
  async #begin(at) {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#isLoading = false;
    this.#pages = [];
    this.#before = [];
    this.#steps.replaceChildren();
    await this.#load({ at });
    const place = at && this.#steps.firstElementChild;
    place && this.#show(place);
  }

  /** @param {Element} place */
  #show(place) {
    place.scrollIntoView({ block: "center" });
    /** @type {HTMLElement} */ (place).focus({ preventScroll: true });
  }

  async #forward() {
    const cursor = this.#pages.at(-1)?.next;
    cursor && (await this.#load({ cursor }));
  }

  async #backward() {
    if (this.#before.length && !this.#isLoading) {
      await this.#load({ ...this.#before[this.#before.length - 1], isBack: true });
    }
  }

  /** @param {{ at?: string | null, cursor?: string | null, isBack?: boolean }} place */
  async #load({ at = null, cursor = null, isBack = false }) {
    if (this.#isLoading) {
      return;
    }

    this.#isLoading = true;
    const told = isBack ? this.#back : this.#foot;
    fill(told, texts.loading);
    const signal = this.#stop.signal;
    try {
      const { body, next } = await api.page(api.incident(this.incident, `/steps${api.query({ limit: pageSize, cursor, at })}`), signal);
      if (!this.#pages.length) {
        this.#tell(body, Boolean(at));
      }

      this.#put({ at, cursor, next, steps: body.steps.map((/** @type {any} */ step) => stepView(step, this.incident)) }, isBack);
    } catch (error) {
      if (!signal.aborted) {
        const isElsewhere = at && /** @type {any} */ (error).status === 404;
        fill(told, failure(error, () => this.#begin(isElsewhere ? null : at)));
      }
    } finally {
      if (!signal.aborted) {
        this.#isLoading = false;
      }
    }
  }

  /** @param {Page} page @param {boolean} isBack */
  #put(page, isBack) {
    const first = /** @type {HTMLElement | null} */ (isBack ? this.#steps.firstElementChild : this.#pages[1]?.steps[0] ?? null);
    const top = first?.getBoundingClientRect().top ?? 0;
    if (isBack) {
      this.#before.pop();
      this.#pages.unshift(page);
      this.#steps.prepend(...page.steps);
    } else {
      this.#pages.push(page);
      this.#steps.append(...page.steps);
    }

    if (this.#pages.length > mostPages) {
      const left = /** @type {Page} */ (isBack ? this.#pages.pop() : this.#pages.shift());
      isBack || this.#before.push(left);
      left.steps.forEach((step) => step.remove());
      left.steps = [];
    }

    if (first?.isConnected && !CSS.supports("overflow-anchor", "auto")) {
      scrollBy({ top: first.getBoundingClientRect().top - top, behavior: "instant" });
    }

    const next = this.#pages.at(-1)?.next;
    fill(this.#back, this.#before.length ? button(words.earlierSteps, () => this.#backward(), { class: "quiet" }) : null);
    fill(this.#foot, next ? button(texts.list.more, () => this.#forward(), { class: "quiet" }) : this.#steps.childElementCount ? words.end : words.noSteps);
    // A browser tells of what comes into view, and not that it stays there.
    for (const end of [this.#foot, this.#back]) {
      this.#seen?.unobserve(end);
      this.#seen?.observe(end);
    }
  }

  /** @param {any} page @param {boolean} isWithin */
  #tell(page, isWithin) {
    const { counts } = page;
    const told = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, whole(/** @type {number} */ (count))]));
    fill(this.#head,
      h("p", { class: "row small" }, h("span", { class: "soft" }, words.counts(told)), counts.failed ? badge("bad", words.failed(told.failed)) : null,
        isWithin ? button(words.fromStart, () => this.#begin(null), { class: "quiet" }) : null,
        page.culprit_id ? button(words.toCulprit, () => this.choose(page.culprit_id), { class: "quiet" }) : null),
      page.request ? h("p", null, h("span", { class: "soft" }, `${words.request}: `), said(page.request.text)) : null,
      page.answer ? h("p", null, h("span", { class: "soft" }, `${words.answer}: `), said(page.answer.text)) : null,
      page.gaps.length ? h("div", { class: "note" }, page.gaps.map((/** @type {string} */ gap) => h("p", null, said(gap)))) : null);
  }
}

customElements.define("rca-conversation", Conversation);

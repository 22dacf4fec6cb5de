import * as api from "./api.js";
import { badge, button, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { stepView } from "./step.js";
import { texts } from "./texts.js";

const words = texts.run;
const pageSize = 50;

/** The steps of the agents as a conversation, with the culprit marked. */
class Conversation extends HTMLElement {
  incident = "";
  /** @type {string | null} */ wanted = null;
  #steps = h("ol", { class: "steps" });
  #foot = h("p", { class: "foot" });
  #head = h("div", { class: "run-head" });
  #stop = new AbortController();
  /** @type {string | null} */ #next = null;
  #isLoading = false;

  connectedCallback() {
    fill(this, this.#head, this.#steps, this.#foot);
    const seen = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.#next && this.#load(), { rootMargin: "800px" });
    seen.observe(this.#foot);
    this.#begin(this.wanted);
  }

  disconnectedCallback() {
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
    this.#next = null;
    this.#isLoading = false;
    this.#steps.replaceChildren();
    await this.#load(at);
    const place = at && this.#steps.querySelector(`[data-step="${CSS.escape(at)}"]`);
    place && this.#show(place);
  }

  /** @param {Element} place */
  #show(place) {
    place.scrollIntoView({ block: "center" });
    /** @type {HTMLElement} */ (place).focus({ preventScroll: true });
  }

  /** @param {string | null} [at] */
  async #load(at) {
    if (this.#isLoading) {
      return;
    }

    this.#isLoading = true;
    fill(this.#foot, texts.loading);
    const signal = this.#stop.signal;
    try {
      const { body, next } = await api.page(api.incident(this.incident, `/steps${api.query({ limit: pageSize, cursor: this.#next, at: this.#next ? null : at })}`), signal);
      if (!this.#next) {
        this.#tell(body, Boolean(at));
      }

      this.#next = next;
      this.#steps.append(...body.steps.map((/** @type {any} */ step) => stepView(step, this.incident)));
      fill(this.#foot, next ? button(texts.list.more, () => this.#load(), { class: "quiet" }) : body.counts.total || this.#steps.childElementCount ? words.end : words.noSteps);
    } catch (error) {
      if (!signal.aborted) {
        const isElsewhere = at && /** @type {any} */ (error).status === 404;
        fill(this.#foot, failure(error, () => this.#begin(isElsewhere ? null : at ?? null)));
      }
    } finally {
      if (!signal.aborted) {
        this.#isLoading = false;
      }
    }
  }

  /** @param {any} page @param {boolean} isWithin */
  #tell(page, isWithin) {
    const { counts } = page;
    fill(this.#head,
      h("p", { class: "row small" }, h("span", { class: "soft" }, words.counts(counts)), counts.failed ? badge("bad", words.failed(counts.failed)) : null,
        isWithin ? button(words.fromStart, () => this.#begin(null), { class: "quiet" }) : null,
        page.culprit_id ? button(words.toCulprit, () => this.choose(page.culprit_id), { class: "quiet" }) : null),
      page.request ? h("p", null, h("span", { class: "soft" }, `${words.request}: `), said(page.request.text)) : null,
      page.answer ? h("p", null, h("span", { class: "soft" }, `${words.answer}: `), said(page.answer.text)) : null,
      page.gaps.length ? h("div", { class: "note" }, page.gaps.map((/** @type {string} */ gap) => h("p", null, said(gap)))) : null);
  }
}

customElements.define("rca-conversation", Conversation);

import * as api from "./api.js";
import { amend, link, read } from "./address.js";
import { announce, badge, button, code, fill, h, said, sentence } from "./dom.js";
import { failure } from "./failure.js";
import { emptyState } from "./empty.js";
import { age, percent, time } from "./format.js";
import { chooser } from "./imports.js";
import { session } from "./session.js";
import { texts } from "./texts.js";

const pageSize = 50;
const refreshEvery = 10_000;
const names = ["status", "verdict", "tool", "since", "q"];

/** The list of incidents, newest first: pages as one scrolls, and new ones as they come. */
class Incidents extends HTMLElement {
  /** @type {import("./address.js").Address} */ address = read();
  /** @type {Map<string, { row: HTMLElement, text: string }>} */ #rows = new Map();
  #list = h("ol", { class: "incidents" });
  #foot = h("p", { class: "foot" });
  #live = h("span", { class: "live", role: "status" }, texts.live);
  #stop = new AbortController();
  /** @type {string | null} */ #next = null;
  #loading = false;
  #timer = 0;
  /** @type {IntersectionObserver | null} */ #seen = null;

  connectedCallback() {
    document.title = `${texts.incidents} · ${texts.product}`;
    fill(this, h("div", { class: "head" }, h("h1", null, texts.incidents), this.#live, session.may("ingest") && chooser()), this.#filters(), this.#list, this.#foot);
    this.#seen = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.#next && this.#load(), { rootMargin: "600px" });
    this.#seen.observe(this.#foot);
    this.#begin();
    this.#timer = setInterval(() => this.#refresh(), refreshEvery);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#seen?.disconnect();
    this.#stop.abort();
  }

  /** @param {import("./address.js").Address} address The address was changed by hand or by going back. */
  moved(address) {
    this.address = address;
    this.querySelector("form")?.replaceWith(this.#filters());
    this.#begin();
  }

  #filters() {
    const { filters } = texts;
    const values = this.address.query;
    /** @param {string} name @param {string} label @param {Record<string, string>} options */
    const choice = (name, label, options) => h("label", null, h("span", null, label), h("select", { name },
      h("option", { value: "" }, filters.any),
      Object.entries(options).map(([value, text]) => h("option", { value, selected: values.get(name) === value }, text))));
    /** @param {string} name @param {string} label @param {string} hint @param {string} [shortcut] */
    const field = (name, label, hint, shortcut) => h("label", { class: name === "q" ? "wide" : null }, h("span", null, label),
      h("input", { name, type: "search", placeholder: hint, value: values.get(name), dir: "auto", "data-key": shortcut }));
    let waiting = 0;
    const changed = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        amend(Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)])));
        this.address = read();
        this.#begin();
      }, 250);
    };
    const form = /** @type {HTMLFormElement} */ (h("form", { class: "filters", role: "search", "aria-label": filters.label, oninput: changed, onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
      field("q", filters.text, filters.textHint, "/"),
      choice("status", filters.status, filters.statuses),
      choice("verdict", filters.verdict, filters.verdicts),
      field("tool", filters.tool, filters.toolHint),
      choice("since", filters.since, filters.times)));
    return form;
  }

  /** @param {string | null} cursor */
  #path(cursor, limit = pageSize) {
    const values = this.address.query;
    const back = Number(values.get("since"));
    // To the minute, so that pages of one listing ask for the same.
    const since = back ? new Date(Math.floor((Date.now() - back * 1000) / 60_000) * 60_000).toISOString() : null;
    return `incidents${api.query({ view: "overview", limit, cursor, ...Object.fromEntries(names.map((name) => [name, values.get(name)])), since })}`;
  }

  #begin() {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#rows.clear();
    this.#next = null;
    this.#list.replaceChildren();
    fill(this.#foot, texts.loading);
    this.#loading = false;
    this.#load();
  }

  async #load() {
    if (this.#loading) {
      return;
    }

    this.#loading = true;
    const signal = this.#stop.signal;
    try {
      const { body, next } = await api.page(this.#path(this.#next), signal);
      this.#next = next;
      for (const incident of body) {
        this.#put(incident, false);
      }

      fill(this.#foot, next ? button(texts.list.more, () => this.#load(), { class: "quiet" }) : this.#rows.size ? texts.list.end : null);
      if (!this.#rows.size) {
        const isFiltered = names.some((name) => this.address.query.get(name));
        fill(this.#foot, isFiltered ? texts.list.none : emptyState());
      }
    } catch (error) {
      if (!signal.aborted) {
        fill(this.#foot, failure(error, () => this.#begin()));
      }
    } finally {
      if (!signal.aborted) {
        this.#loading = false;
      }
    }
  }

  async #refresh() {
    if (document.hidden || this.#loading) {
      return;
    }

    const signal = this.#stop.signal;
    try {
      const { body } = await api.page(this.#path(null, 20), signal);
      const arrived = body.filter((/** @type {any} */ incident) => !this.#rows.has(incident.id));
      for (const incident of body.toReversed()) {
        this.#put(incident, true);
      }

      if (arrived.length) {
        fill(this.#foot, this.#next ? null : texts.list.end);
        announce(texts.list.arrived(arrived.length));
      }

      this.#live.textContent = texts.live;
      this.#live.classList.remove("off");
    } catch (error) {
      if (!signal.aborted && /** @type {any} */ (error).status !== 401) {
        this.#live.textContent = texts.liveOff;
        this.#live.classList.add("off");
      }
    }
  }

  /** @param {any} incident @param {boolean} isNew Whether an unknown one goes first. */
  #put(incident, isNew) {
    const known = this.#rows.get(incident.id);
    const text = JSON.stringify({ ...incident, age_seconds: Math.floor(incident.age_seconds / 60) });
    if (known?.text === text) {
      return;
    }

    const row = entry(incident);
    if (known) {
      const hadFocus = known.row.contains(document.activeElement);
      known.row.replaceWith(row);
      hadFocus && row.querySelector("a")?.focus();
    } else {
      isNew ? this.#list.prepend(row) : this.#list.append(row);
    }

    this.#rows.set(incident.id, { row, text });
  }
}

/** @param {any} incident */
function entry(incident) {
  const what = incident.cause ? sentence(incident.cause) : h("span", { class: "soft" }, incident.verdict ? texts.list.inconclusive : texts.list.notAnalysed);
  return h("li", null, h("a", { href: link("incident", incident.id), "data-item": true, class: `incident ${incident.verdict ?? "none"}` },
    h("span", { class: "age" }, time(incident.created_ts, age(incident.age_seconds))),
    h("span", { class: "what" },
      h("span", { class: "cause" }, what),
      h("span", { class: "about" }, said(incident.order_id, "order"), said(incident.problem_type),
        incident.eta_delta_hours ? h("span", null, texts.list.late(String(Number(incident.eta_delta_hours.toFixed(1))))) : null,
        incident.category ? said(incident.category, "tag") : null, incident.tool ? code(incident.tool) : null)),
    h("span", { class: "sure", title: texts.list.confidence }, incident.verdict ? [meter(incident.confidence), percent(incident.confidence)] : null),
    h("span", { class: "decided" }, decision(incident)),
    h("span", { class: "often" }, incident.recurrence?.count > 1 ? h("span", { title: texts.list.seen(incident.recurrence.count) }, `×${incident.recurrence.count}`) : null)));
}

/** @param {number | null} share */
export function meter(share) {
  const bar = h("span", { class: "meter", "aria-hidden": "true" }, h("span"));
  bar.style.setProperty("--share", String(share ?? 0));
  return bar;
}

/** @param {any} incident */
function decision(incident) {
  const made = incident.decision;
  if (!made) {
    return badge("plain", incident.status);
  }

  const label = made.status + (made.stale ? ` · ${texts.stale}` : "");
  return badge(made.stale ? "warn" : made.status === "approved" ? "good" : "bad", label, [made.by && `${made.by} ${made.approver?.authenticated ? texts.session.authenticated : texts.session.claimed}`, made.note].filter(Boolean).join(": "));
}

customElements.define("rca-incidents", Incidents);

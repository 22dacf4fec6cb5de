import * as api from "./api.js";
import { go, link, read } from "./address.js";
import { cause, figures, happened, story } from "./cause.js";
import { badge, code, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { time } from "./format.js";
import { jsonTree } from "./json-tree.js";
import { texts } from "./texts.js";
import "./evidence.js";

const words = texts.incident;

/** An incident, opened at its cause. */
class Incident extends HTMLElement {
  address = read();
  /** @type {any} */ #report = null;
  /** @type {any[]} */ #reports = [];
  /** @type {any} */ #evidence = null;
  #stop = new AbortController();
  #title = h("header", { class: "title" }, h("h1", null, texts.loading));
  #story = h("div", { class: "story" });
  #figures = h("div");
  #details = h("div");

  get #id() {
    return /** @type {string} */ (this.address.id);
  }

  async connectedCallback() {
    document.title = `${texts.product}`;
    this.#evidence = h("rca-evidence", { onclose: () => this.#closeBytes(), onshown: () => this.#mark() });
    this.#evidence.incident = this.#id;
    fill(this, h("p", { class: "back" }, h("a", { href: "#incidents" }, `‹ ${texts.incidents}`)), this.#title,
      h("div", { class: "columns" }, this.#story, h("aside", { class: "bytes" }, this.#evidence)));
    await Promise.all([this.#loadReports(), this.#loadIncident(), this.#loadFigures()]);
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  async #loadIncident() {
    try {
      const incident = await api.get(api.incident(this.#id), this.#stop.signal);
      document.title = `${incident.order_id} · ${incident.problem_type} · ${texts.product}`;
      const made = incident.approval;
      fill(this.#title, h("h1", null, said(incident.order_id)), h("p", { class: "row" }, said(incident.problem_type, "tag"),
        incident.eta_delta_hours ? texts.list.late(String(incident.eta_delta_hours)) : null, time(incident.created_ts),
        h("span", { class: "soft" }, code(incident.id)),
        made ? badge(made.stale ? "warn" : made.status === "approved" ? "good" : "bad", made.status + (made.stale ? ` · ${texts.stale}` : "")) : badge("plain", incident.status)),
        made ? h("p", { class: "small" }, said(made.approved_by), " · ", time(made.decided_at), made.note ? [" · ", said(made.note)] : null) : null);
      if (Object.keys(incident.details ?? {}).length) {
        fill(this.#details, h("details", null, h("summary", null, words.details), jsonTree(incident.details)));
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        fill(this.#title, h("h1", null, words.unknownTitle), failure(error));
      }
    }
  }

  async #loadReports() {
    try {
      this.#reports = await api.get(api.incident(this.#id, "/reports"), this.#stop.signal);
      const wanted = this.address.query.get("report");
      this.#report = (wanted && this.#reports.find((report) => report.report_digest === wanted)) || this.#reports[0] || null;
      this.#tell();
    } catch (error) {
      if (!this.#stop.signal.aborted && /** @type {any} */ (error).status !== 404) {
        fill(this.#story, failure(error, () => this.#loadReports()));
      }
    }
  }

  async #loadFigures() {
    try {
      fill(this.#figures, figures(await api.get(api.incident(this.#id, "/kpis"), this.#stop.signal)));
    } catch (error) {
      if (!this.#stop.signal.aborted && /** @type {any} */ (error).status !== 404) {
        fill(this.#figures, failure(error, () => this.#loadFigures()));
      }
    }
  }

  #tell() {
    const report = this.#report;
    if (!report) {
      fill(this.#story, h("section", { class: "verdict none" }, h("p", { class: "eyebrow" }, badge("plain", words.notAnalysed)), h("p", { class: "root-cause" }, words.notAnalysedText)), this.#figures, this.#details);
      return;
    }

    fill(this.#story, cause(report, this.#id, report === this.#reports[0]), story(report, this.#id), happened(report, this.#id), this.#figures,
      report.email_draft ? h("details", null, h("summary", null, words.mail), h("pre", { class: "wrap", dir: "auto", tabindex: "0" }, report.email_draft)) : null,
      this.#reports.length > 1 ? h("details", null, h("summary", null, `${words.reports} (${this.#reports.length})`), h("ol", { class: "plainlist" }, this.#reports.map((one, at) => h("li", { class: "row" },
        h("a", { href: `${link("incident", this.#id)}?report=${one.report_digest}` }, time(one.analysis_timestamp)), code(`${one.engine} ${one.engine_version}`), at ? null : badge("plain", words.latest))))) : null,
      this.#details);
    this.#evidence.report = report.report_digest;
    this.#evidence.known = report.evidence;
    this.#showPlace();
  }

  /** @param {import("./address.js").Address} address Another place of the same incident. */
  moved(address) {
    this.address = address;
    this.#showPlace();
  }

  #showPlace() {
    const { evidence } = this.address;
    if (evidence) {
      this.classList.add("bytes-open");
      this.#evidence.show(evidence);
    } else if (!this.#evidence.id && this.#report?.evidence.length) {
      const [first] = this.#report.hypotheses[0]?.evidence ?? [];
      this.#evidence.show(first ?? this.#report.evidence[0].id);
    }
  }

  #closeBytes() {
    this.classList.remove("bytes-open");
    go(link("incident", this.#id), true);
  }

  #mark() {
    for (const chip of this.querySelectorAll("[data-evidence]")) {
      chip.toggleAttribute("data-shown", chip.getAttribute("data-evidence") === this.#evidence.id);
    }
  }
}

customElements.define("rca-incident", Incident);

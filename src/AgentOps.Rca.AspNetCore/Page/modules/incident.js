import * as api from "./api.js";
import { go, link, read } from "./address.js";
import { copyButton } from "./copy.js";
import { cause, figures, happened, story } from "./cause.js";
import { badge, code, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { time } from "./format.js";
import { jsonTree } from "./json-tree.js";
import { signed } from "./session.js";
import { texts } from "./texts.js";
import "./decide.js";
import "./evidence.js";
import "./run.js";

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
  #run = h("div");
  #rest = h("div", { class: "rest" });
  #decide = h("section", { "aria-label": words.decide });

  get #id() {
    return /** @type {string} */ (this.address.id);
  }

  async connectedCallback() {
    document.title = `${texts.product}`;
    this.#evidence = h("rca-evidence", { onclose: () => this.#closeBytes(), onshown: () => this.#mark() });
    this.#evidence.incident = this.#id;
    fill(this, h("p", { class: "back" }, h("a", { href: "#incidents" }, `‹ ${texts.incidents}`)), this.#title,
      h("div", { class: "columns" }, this.#story, h("aside", { class: "bytes" }, this.#evidence)), this.#run, this.#rest);
    this.addEventListener("changed", () => Promise.all([this.#loadReports(), this.#loadIncident(), this.#loadFigures()]));
    // The figures are worked out of all spans, and are not what one was woken up for: the run goes first.
    this.addEventListener("drawn", () => this.#loadFigures(), { once: true });
    const [, picture] = api.incidentFirst(this.#id);
    api.get(picture, this.#stop.signal).catch(() => null);
    await Promise.all([this.#loadReports(), this.#loadIncident()]);
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  async #loadIncident() {
    try {
      const incident = await api.get(api.incident(this.#id, "?without_counts=true"), this.#stop.signal);
      document.title = `${incident.order_id} · ${incident.problem_type} · ${texts.product}`;
      const made = incident.approval;
      fill(this.#title, h("h1", null, said(incident.order_id)), h("p", { class: "row" }, said(incident.problem_type, "tag"),
        incident.eta_delta_hours ? texts.list.late(String(incident.eta_delta_hours)) : null, time(incident.created_ts),
        h("span", { class: "soft" }, code(incident.id)),
        made ? badge(made.stale ? "warn" : made.status === "approved" ? "good" : "bad", made.status + (made.stale ? ` · ${texts.stale}` : "")) : badge("plain", incident.status)),
        made ? h("p", { class: "small" }, signed(made.approver, made.approved_by), " · ", time(made.decided_at), made.note ? [" · ", said(made.note)] : null) : null);
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
    this.#showRun(report);
    this.#showDecide(report);
    if (!report) {
      fill(this.#story, h("section", { class: "verdict none" }, h("p", { class: "eyebrow" }, badge("plain", words.notAnalysed)), h("p", { class: "root-cause" }, words.notAnalysedText)), this.#decide);
      fill(this.#rest, this.#figures, this.#details);
      return;
    }

    const told = story(report, this.#id);
    fill(this.#story, cause(report, this.#id, report === this.#reports[0]), told.first, this.#decide);
    fill(this.#rest, told.rest, happened(report, this.#id), this.#figures, report.email_draft ? mail(report.email_draft) : null,
      this.#reports.length > 1 ? h("details", null, h("summary", null, `${words.reports} (${this.#reports.length})`), h("ol", { class: "plainlist" }, this.#reports.map((one, at) => h("li", { class: "row" },
        h("a", { href: `${link("incident", this.#id)}?report=${one.report_digest}` }, time(one.analysis_timestamp)), code(`${one.engine} ${one.engine_version}`), at ? null : badge("plain", words.latest))))) : null,
      this.#details);
    this.#evidence.report = report.report_digest;
    this.#evidence.known = report.evidence;
    this.#showPlace();
  }

  /** @param {any} report */
  #showRun(report) {
    const known = /** @type {any} */ (this.#run.firstElementChild);
    if (known && known.report?.report_digest === report?.report_digest) {
      return;
    }

    const run = /** @type {any} */ (document.createElement("rca-run"));
    run.address = this.address;
    run.report = report;
    run.wanted = known?.view;
    fill(this.#run, run);
  }

  /** What is under way stays, so that its outcome can be read. @param {any} report */
  #showDecide(report) {
    const known = /** @type {any} */ (this.#decide.firstElementChild);
    if (known && Boolean(known.report) === Boolean(report)) {
      known.report = report;
      return;
    }

    const decide = /** @type {any} */ (document.createElement("rca-decide"));
    decide.incident = this.#id;
    decide.report = report;
    fill(this.#decide, decide);
  }

  /** @param {import("./address.js").Address} address Another place of the same incident. */
  moved(address) {
    this.address = address;
    /** @type {any} */ (this.#run.firstElementChild)?.moved(address);
    this.#showPlace();
  }

  async #showPlace() {
    const evidence = this.address.evidence ?? (await this.#evidenceAt());
    if (evidence) {
      this.classList.add("bytes-open");
      this.#evidence.show(evidence);
      this.#evidence.parentElement.scrollIntoView({ block: "nearest" });
    } else if (!this.#evidence.id && this.#report?.evidence.length) {
      const [first] = this.#report.hypotheses[0]?.evidence ?? [];
      this.#evidence.show(first ?? this.#report.evidence[0].id);
    }
  }

  /** The evidence whose bytes the address names, or null. */
  async #evidenceAt() {
    const { span, bytes } = this.address;
    if (!span || !bytes) {
      return null;
    }

    for (const one of this.#report.evidence.filter((/** @type {any} */ item) => item.span_id === span)) {
      const path = api.incident(this.#id, `/evidence/${encodeURIComponent(one.id)}${api.query({ report: this.#report.report_digest, context: 0 })}`);
      const range = await api.get(path, this.#stop.signal).then((view) => view.range, () => null);
      if (range?.offset === bytes[0] && range.offset + range.length === bytes[1]) {
        return one.id;
      }
    }

    return null;
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

/** @param {string} draft A subject line, an empty line, and the text. */
function mail(draft) {
  const [, subject, body] = /^Subject: (.*)\n\n?([\s\S]*)$/.exec(draft) ?? [null, "", draft];
  return h("details", null, h("summary", null, words.mail), h("pre", { class: "wrap", dir: "auto", tabindex: "0" }, draft),
    h("p", { class: "row" }, copyButton(() => draft), h("a", { href: `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}` }, words.openMail)));
}

customElements.define("rca-incident", Incident);

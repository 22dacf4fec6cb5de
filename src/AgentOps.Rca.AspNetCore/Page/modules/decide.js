import * as api from "./api.js";
import { link } from "./address.js";
import { copyButton } from "./copy.js";
import { announce, badge, button, code, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { digest, whole } from "./format.js";
import { session, signature, signed } from "./session.js";
import { texts } from "./texts.js";

const words = texts.decide;
const nameKey = "agentops-rca-name";

/**
 * What a person does with an incident: analyse it again, decide, replay, and keep it.
 * @fires changed when there is a new report or a new decision
 */
class Decide extends HTMLElement {
  incident = "";
  /** @type {any} */ report = null;
  #place = h("div", { class: "outcome", "aria-live": "polite" });
  #stop = new AbortController();

  connectedCallback() {
    fill(this, h("div", { class: "row actions" },
      this.report && session.may("decide") ? [
        button(words.approve, () => this.#decide(true), { class: "primary", "data-key": "y" }),
        button(words.reject, () => this.#decide(false), { "data-key": "x" })] : null,
      session.may("analyze") ? [
        button(this.report ? words.again : words.first, () => this.#ask(), { class: this.report ? null : "primary", "data-key": "a" }),
        button(words.replay, () => this.#run(words.replaying, () => this.#replay()), { "data-key": "r" })] : null,
      session.may("bundle") ? button(words.bundle, () => this.#run(words.bundling, () => this.#bundle()), { "data-key": "b" }) : null,
      this.report ? [copyButton(() => this.#markdown(), words.markdown, { class: null, "data-key": "m" }), button(words.print, () => print(), { "data-key": "w" })] : null), this.#place);
  }

  disconnectedCallback() {
    // What is told around it changes with each report, and it is put into the new one: only what is gone for good stops.
    queueMicrotask(() => this.isConnected || this.#stop.abort());
  }

  /** @param {string} doing @param {() => Promise<import("./dom.js").Child>} work */
  async #run(doing, work) {
    fill(this.#place, h("p", { class: "soft" }, doing));
    try {
      fill(this.#place, await work());
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        fill(this.#place, failure(error));
      }
    }
  }

  /** @param {boolean} isApproval */
  #decide(isApproval) {
    const by = signature(() => field("by", isApproval ? words.approvedBy : words.rejectedBy, { value: remembered(), autocomplete: "name", maxlength: 256 }));
    const note = h("label", null, h("span", null, isApproval ? words.note : words.reason), h("textarea", { name: "note", rows: 3, maxlength: 4000, required: !isApproval, dir: "auto" }));
    const form = /** @type {HTMLFormElement} */ (h("form", { class: "decision", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(form));
      remember(String(values.by ?? ""));
      const [name, why] = [String(values.by ?? "").trim() || undefined, String(values.note).trim() || undefined];
      const report_digest = this.report.report_digest;
      this.#run(words.sending, async () => {
        const made = await api.post(api.incident(this.incident, isApproval ? "/approve" : "/reject"),
          isApproval ? { approved_by: name, note: why, report_digest } : { rejected_by: name, reason: why, report_digest }, this.#stop.signal);
        this.#changed();
        announce(made.status);
        return h("p", null, badge(made.status === "approved" ? "good" : "bad", made.status), " ", signed(made.approver, made.approved_by), made.note ? [": ", said(made.note)] : null);
      });
    } }, h("p", { class: "small soft" }, words.about, " ", digest(this.report.report_digest)), by, note,
    h("p", { class: "row" }, h("button", { class: "primary" }, isApproval ? words.approve : words.rejectNow), button(words.cancel, () => fill(this.#place)))));
    fill(this.#place, form);
    form.querySelector("input")?.focus();
  }

  async #ask() {
    const card = await api.get("", this.#stop.signal).catch(() => ({ engines: [] }));
    const form = /** @type {HTMLFormElement} */ (h("form", { class: "decision", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#analyze(new FormData(form));
    } },
      h("label", null, h("span", null, words.engine), h("select", { name: "engine" }, h("option", { value: "auto" }, words.auto), card.engines.map((/** @type {any} */ engine) => h("option", { value: engine.name, disabled: !engine.available, title: engine.reason }, engine.available ? engine.name : `${engine.name} (${words.off})`)))),
      signature(() => field("by", words.requestedBy, { value: remembered(), autocomplete: "name", maxlength: 256 })),
      h("fieldset", null, h("legend", null, words.reference), h("div", { class: "pair" }, field("from", words.from, { type: "datetime-local" }), field("to", words.to, { type: "datetime-local" }))),
      h("p", { class: "row" }, h("button", { class: "primary" }, words.analyse), button(words.cancel, () => fill(this.#place)))));
    fill(this.#place, form);
    form.querySelector("select")?.focus();
  }

  /** @param {FormData} values */
  async #analyze(values) {
    const at = (/** @type {string} */ name) => (values.get(name) ? new Date(String(values.get(name))).getTime() : undefined);
    const reference = at("from") || at("to") ? { from_ts: at("from"), to_ts: at("to") } : undefined;
    const by = String(values.get("by") ?? "").trim();
    remember(by);
    const steps = h("ol", { class: "progress" });
    const halt = new AbortController();
    this.#stop.signal.addEventListener("abort", () => halt.abort());
    fill(this.#place, h("p", { class: "row" }, h("span", { class: "soft" }, words.analysing), button(words.stop, () => halt.abort())), steps);
    try {
      const response = await api.send("rca/analyze", {
        method: "POST", signal: halt.signal, headers: { Accept: "text/event-stream" },
        json: { incident_id: this.incident, engine: values.get("engine"), requested_by: by || undefined, reference },
      });
      let isDone = false;
      await api.events(response, (name, data) => {
        if (name === "report") {
          isDone = true;
          fill(this.#place, h("p", null, badge("good", words.done), " ", digest(data.report_digest)), steps);
          this.#changed();
        } else if (name === "error") {
          isDone = true;
          throw new api.Problem(data.status, data);
        } else {
          steps.append(h("li", null, said(data.message)));
        }
      });
      if (!isDone) {
        throw new Error(words.ended);
      }
    } catch (error) {
      fill(this.#place, halt.signal.aborted ? h("p", { class: "soft" }, words.stopped) : failure(error), steps);
    }
  }

  async #replay() {
    const result = await api.post("replay/strict", { incident_id: this.incident }, this.#stop.signal);
    const first = result.first_divergence;
    return h("div", { class: "replay" },
      h("p", { class: "row" }, badge(result.verdict === "reproduced" ? "good" : result.verdict === "diverged" ? "bad" : "warn", words.verdicts[/** @type {"diverged"} */ (result.verdict)] ?? result.verdict),
        h("span", { class: "soft" }, words.walked(whole(result.span_count), whole(result.artifact_count), result.analyses?.length ?? 0))),
      first ? h("div", { class: "failure" }, h("p", null, h("strong", null, `${words.firstDivergence} `), said(first.message)),
        first.span_id ? h("p", null, h("a", { href: link("incident", this.incident, "span", first.span_id) }, code(first.span_id))) : null,
        first.expected || first.actual ? h("dl", { class: "where" }, h("dt", null, words.expected), h("dd", null, code(first.expected ?? texts.unknown)), h("dt", null, words.found), h("dd", null, code(first.actual ?? texts.unknown))) : null) : null,
      result.deviation_count > 1 ? h("details", null, h("summary", null, words.deviations(result.deviation_count)), h("ul", null, result.deviations.slice(0, 200).map((/** @type {any} */ one) => h("li", null, said(one.effect, "tag"), " ", said(one.message))))) : null,
      h("p", { class: "soft small" }, `${words.replayDigest} `, code(result.replay_digest)));
  }

  async #bundle() {
    const response = await api.send("bundles", { method: "POST", json: { incident_id: this.incident }, signal: this.#stop.signal, headers: { Accept: "application/zip, application/problem+json" } });
    const name = /filename="?([^";]+)"?/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? `incident-${this.incident}.zip`;
    const address = URL.createObjectURL(await response.blob());
    const download = h("a", { href: address, download: name });
    document.body.append(download);
    download.click();
    download.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    return h("p", null, badge("good", words.saved), " ", code(name), " ", h("a", { href: "#verify" }, texts.verify));
  }

  async #markdown() {
    const response = await api.send(api.incident(this.incident, `/postmortem${api.query({ report: this.report.report_digest })}`), { headers: { Accept: "text/markdown, application/problem+json" } });
    return response.text();
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed", { bubbles: true }));
  }
}

/** @param {string} name @param {string} label @param {Record<string, any>} props */
const field = (name, label, props) => h("label", null, h("span", null, label), h("input", { name, dir: "auto", ...props }));
const remembered = () => sessionStorage.getItem(nameKey) ?? "";
const remember = (/** @type {string} */ name) => sessionStorage.setItem(nameKey, name.trim());

customElements.define("rca-decide", Decide);

import * as api from "./api.js";
import { link } from "./address.js";
import { badge, code, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { bytes } from "./format.js";
import { texts } from "./texts.js";

const words = texts.verifying;

/** A bundle that is dropped here is verified by this service against the keys that it trusts. */
class Verify extends HTMLElement {
  #outcome = h("div", { class: "outcome", "aria-live": "polite" });
  #stop = new AbortController();

  connectedCallback() {
    document.title = `${texts.verify} · ${texts.product}`;
    const input = /** @type {HTMLInputElement} */ (h("input", { type: "file", id: "bundle", accept: ".zip,application/zip", onchange: () => input.files?.[0] && this.#check(input.files[0]) }));
    const zone = h("div", {
      class: "drop",
      ondragover: (/** @type {DragEvent} */ event) => {
        event.preventDefault();
        zone.classList.add("over");
      },
      ondragleave: () => zone.classList.remove("over"),
      ondrop: (/** @type {DragEvent} */ event) => {
        event.preventDefault();
        zone.classList.remove("over");
        const file = event.dataTransfer?.files[0];
        file && this.#check(file);
      },
    }, h("label", { for: "bundle" }, words.drop), input);
    fill(this, h("div", { class: "head" }, h("h1", null, texts.verify)), h("p", null, words.text), zone, this.#outcome);
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  /** @param {File} file */
  async #check(file) {
    fill(this.#outcome, h("p", { class: "soft" }, words.checking(file.name, bytes(file.size))));
    try {
      const response = await api.send("bundles/verify", { method: "POST", body: file, headers: { "Content-Type": "application/zip" }, signal: this.#stop.signal });
      const found = await response.json();
      fill(this.#outcome, h("section", { class: "panel" },
        h("p", { class: "row" }, badge(found.valid ? "good" : "bad", found.valid ? words.valid : words.invalid), said(file.name), found.region ? [h("span", { class: "soft" }, words.region), code(found.region)] : null),
        h("dl", { class: "checks" }, Object.entries(found.checks).map(([name, check]) => [
          h("dt", null, badge(check.ok ? "good" : check.ok === false ? "bad" : "plain", words.checks[/** @type {"intact"} */ (name)] ?? name)), h("dd", null, said(check.detail))])),
        h("dl", { class: "where" },
          found.incident_id ? [h("dt", null, words.incident), h("dd", null, h("a", { href: link("incident", found.incident_id) }, code(found.incident_id)))] : null,
          found.key_id ? [h("dt", null, words.key), h("dd", null, code(found.key_id))] : null,
          found.replay_digest ? [h("dt", null, texts.decide.replayDigest), h("dd", null, code(found.replay_digest))] : null)));
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        fill(this.#outcome, failure(error));
      }
    }
  }
}

customElements.define("rca-verify", Verify);

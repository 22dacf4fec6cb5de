import * as api from "./api.js";
import { button, fill, h, said } from "./dom.js";
import { texts } from "./texts.js";

const words = texts.session;

/** @typedef {{ name: string | null, authenticated: boolean, key?: string }} Actor */

/** @type {{ caller: Actor | null, may: Record<string, boolean>, key_sign_in: boolean, antiforgery?: string }} */
let known = { caller: null, may: {}, key_sign_in: false };
/** @type {Promise<void> | null} */
let loading = null;

/** Who is signed in, and what they may do: the service says both. */
export const session = {
  /** @param {string} scope */
  may: (scope) => known.may[scope] === true,
  asksForKey: () => known.key_sign_in,
  /** The name that the service signs with, or null where it only records a claim. */
  signer: () => (known.caller?.authenticated ? known.caller.name : null),
  load: () => (loading ??= api.get("rca/session").catch(() => known).then(take)),
  /** @param {string} key */
  signIn: async (key) => take(await api.post("rca/session", { key })),
  signOut: async () => {
    await api.send("rca/session", { method: "DELETE" });
    location.reload();
  },
};

/** @param {typeof known} answer */
function take(answer) {
  known = answer;
  api.antiforgery.token = answer.antiforgery ?? null;
  dispatchEvent(new CustomEvent("rca-session"));
}

/** Who signs: the one who is signed in, else a field for a name, which is only a claim. @param {() => HTMLElement} field */
export function signature(field) {
  const name = session.signer();
  return name === null ? field() : h("p", { class: "small signer" }, words.signs, " ", said(name));
}

/** A name as a record has it, with the word that says what it is worth. @param {Actor | null | undefined} actor @param {string | null} name */
export function signed(actor, name) {
  return name ? [said(name), " ", h("span", { class: "soft small" }, actor?.authenticated ? words.authenticated : words.claimed)] : said(name);
}

/** In the bar: who is signed in, and the way out. */
class Caller extends HTMLElement {
  connectedCallback() {
    addEventListener("rca-session", () => this.#draw());
    this.#draw();
  }

  #draw() {
    fill(this, known.antiforgery ? [h("span", { class: "soft small" }, said(known.caller?.name ?? words.keyHolder)), " ",
      button(words.signOut, () => session.signOut(), { class: "quiet" })] : null);
  }
}

customElements.define("rca-caller", Caller);

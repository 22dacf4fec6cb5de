import { dialog, h } from "./dom.js";
import { failure } from "./failure.js";
import { session } from "./session.js";
import { texts } from "./texts.js";

/** Asks for the key, once at a time. @param {() => void} done called when somebody is signed in */
export function signIn(done) {
  if (document.querySelector("dialog.key")) {
    return;
  }

  const input = /** @type {HTMLInputElement} */ (h("input", { type: "password", id: "api-key", autocomplete: "current-password", required: true }));
  const outcome = h("div", { "aria-live": "polite" });
  const form = h("form", { onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    outcome.replaceChildren();
    try {
      await session.signIn(input.value.trim());
      opened.close();
      done();
    } catch (error) {
      outcome.replaceChildren(/** @type {any} */ (error)?.status === 401 ? h("p", { class: "failure" }, texts.key.wrong) : failure(error));
      input.select();
    }
  } },
    h("h2", { id: "key-title" }, texts.key.title), h("p", null, texts.key.text),
    h("label", { for: "api-key" }, texts.key.label), input, outcome,
    h("p", { class: "row" }, h("button", { class: "primary" }, texts.key.use)));
  const opened = dialog("key", form);
  input.focus();
}

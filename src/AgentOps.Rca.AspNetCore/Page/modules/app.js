import { read } from "./address.js";
import { button, dialog, fill, h } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { session } from "./session.js";
import { signIn } from "./sign-in.js";
import { texts } from "./texts.js";
import "./incidents.js";
import "./incident.js";
import "./compare.js";
import "./patterns.js";
import "./verify.js";

/** @type {Record<string, string>} */
const screens = { incidents: "rca-incidents", incident: "rca-incident", compare: "rca-compare", patterns: "rca-patterns", verify: "rca-verify" };

/** The frame: the bar, the screen that the address names, the key, and the help. */
class App extends HTMLElement {
  #main = h("main", { id: "content", tabindex: "-1" });
  #shown = "";

  connectedCallback() {
    const announcements = h("p", { id: "announcements", class: "unseen", role: "status", "aria-live": "polite" });
    fill(this, h("a", { class: "skip", href: "#content", onclick: (/** @type {Event} */ event) => this.#skip(event) }, texts.skip), this.#bar(), this.#main, announcements);
    addEventListener("hashchange", () => this.#show());
    addEventListener("rca-key", () => this.#askForKey());
    new Keyboard(() => this.#help());
    session.load().then(() => (session.asksForKey() ? this.#askForKey() : this.#show()));
  }

  #bar() {
    const pages = [["incidents", texts.incidents], ["patterns", texts.patterns], ["verify", texts.verify]];
    return h("header", { class: "bar" },
      h("a", { class: "brand", href: "#incidents" }, h("span", { class: "mark", "aria-hidden": "true" }), texts.product),
      h("nav", { "aria-label": texts.navigation }, pages.map(([name, label]) => h("a", { href: `#${name}`, "data-screen": name }, label))),
      h("rca-caller"), button("?", () => this.#help(), { class: "quiet", "aria-label": texts.help, title: texts.help }));
  }

  #show() {
    if (session.asksForKey()) {
      return;
    }

    const address = read();
    const screen = screens[address.screen] ? address.screen : "incidents";
    for (const link of this.querySelectorAll("nav a")) {
      const isHere = link.getAttribute("data-screen") === screen || ((screen === "incident" || screen === "compare") && link.getAttribute("data-screen") === "incidents");
      link.toggleAttribute("data-here", isHere);
      isHere ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    }

    // Another place on the same screen is for the screen itself.
    const shown = screen === "incidents" ? screen : [screen, address.id, address.other, address.query.get("report")].join("/");
    if (shown === this.#shown) {
      /** @type {any} */ (this.#main.firstElementChild)?.moved?.(address);
      return;
    }

    this.#shown = shown;
    const element = /** @type {any} */ (document.createElement(screens[screen]));
    element.address = address;
    this.#main.replaceChildren(element);
    scrollTo(0, 0);
  }

  /** @param {Event} event */
  #skip(event) {
    event.preventDefault();
    this.#main.focus();
  }

  #askForKey() {
    signIn(() => {
      this.#shown = "";
      this.#show();
    });
  }

  #help() {
    if (!document.querySelector("dialog.help")) {
      dialog("help", h("div", null, h("h2", { id: "help-title" }, texts.help), h("dl", { class: "keys" },
        texts.keys.map(([name, what]) => [h("dt", null, h("kbd", null, name)), h("dd", null, what)])),
        h("form", { method: "dialog" }, h("button", { class: "primary" }, texts.close))));
    }
  }
}

customElements.define("rca-app", App);

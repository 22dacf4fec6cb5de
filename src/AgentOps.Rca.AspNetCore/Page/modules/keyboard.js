import { go } from "./address.js";

/**
 * Keys for the whole page. A screen offers a key by an element with data-key, which is clicked; lists are walked with j and k, and what is
 * walked over is whatever has data-item.
 */
export class Keyboard {
  #pending = "";

  /** @param {() => void} help */
  constructor(help) {
    addEventListener("keydown", (event) => this.#pressed(event, help));
  }

  /** @param {KeyboardEvent} event @param {() => void} help */
  #pressed(event, help) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("dialog") || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) {
      if (event.key === "Escape" && !target.closest("dialog")) {
        target.blur();
      }

      return;
    }

    const combined = this.#pending + event.key;
    this.#pending = event.key === "g" ? "g" : "";
    if (event.key === "?") {
      help();
    } else if (combined === "gi") {
      go("#incidents");
    } else if (combined === "gp") {
      go("#patterns");
    } else if (combined === "gv") {
      go("#verify");
    } else if (event.key === "j" || event.key === "k") {
      this.#walk(event.key === "j" ? 1 : -1);
    } else {
      const offered = /** @type {HTMLElement | null} */ ([...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].find((element) => element.checkVisibility()));
      if (!offered) {
        return;
      }

      /** @type {HTMLInputElement} */ (offered).type === "search" ? offered.focus() : offered.click();
    }

    event.preventDefault();
  }

  /** @param {number} by */
  #walk(by) {
    const items = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-item]")].filter((element) => element.checkVisibility()));
    const here = items.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
    const next = items[here < 0 ? 0 : Math.min(items.length - 1, Math.max(0, here + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
}

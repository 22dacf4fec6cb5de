import { announce, button, h } from "./dom.js";
import { texts } from "./texts.js";

/** Copies text, also where the browser keeps its clipboard for addresses with https. @param {string} text */
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }

  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "unseen" }));
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** @param {() => string | Promise<string>} text @param {string} [label] @param {Record<string, any>} [props] */
export function copyButton(text, label = texts.copy, props = {}) {
  const element = button(label, async () => {
    try {
      await copy(await text());
      element.textContent = texts.copied;
      announce(texts.copied);
    } catch (error) {
      element.textContent = error instanceof Error ? error.message : String(error);
    }

    setTimeout(() => (element.textContent = label), 1500);
  }, { class: "quiet", ...props });
  return element;
}

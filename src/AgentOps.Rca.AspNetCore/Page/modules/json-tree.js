import { button, h } from "./dom.js";
import { texts } from "./texts.js";

const atOnce = 100;
const longest = 2_000;

/**
 * A JSON value as a tree. Children are made when they are opened, and a hundred at a time, so that 20 MB of it stay usable.
 * @param {any} value @param {string} [name] @param {boolean} [isOpen]
 * @returns {HTMLElement}
 */
export function jsonTree(value, name, isOpen = name === undefined) {
  const label = name === undefined ? null : h("span", { class: "json-name" }, `${name}: `);
  if (value === null || typeof value !== "object") {
    return h("div", { class: "json-leaf" }, label, leaf(value));
  }

  const keys = Object.keys(value);
  const isList = Array.isArray(value);
  const brief = isList ? `[${keys.length}]` : `{${keys.length}}`;
  if (!keys.length) {
    return h("div", { class: "json-leaf" }, label, h("span", { class: "soft" }, isList ? "[]" : "{}"));
  }

  const body = h("div", { class: "json-body" });
  let made = 0;
  const more = () => {
    body.querySelector(":scope > .json-more")?.remove();
    for (const key of keys.slice(made, made + atOnce)) {
      body.append(jsonTree(value[key], key));
    }

    made += atOnce;
    if (made < keys.length) {
      body.append(button(texts.json.more(keys.length - made), more, { class: "quiet json-more" }));
    }
  };
  if (isOpen && name === undefined) {
    more();
    return h("div", { class: "json", dir: "ltr" }, body);
  }

  return h("details", { class: "json-node", ontoggle: (/** @type {Event} */ event) => made === 0 && /** @type {HTMLDetailsElement} */ (event.target).open && more() },
    h("summary", null, label, h("span", { class: "soft" }, brief)), body);
}

/** @param {any} value */
function leaf(value) {
  if (typeof value !== "string") {
    return h("span", { class: `json-${value === null ? "null" : typeof value}` }, String(value));
  }

  if (value.length <= longest) {
    return h("bdi", { class: "json-string", dir: "auto" }, JSON.stringify(value));
  }

  const text = h("bdi", { class: "json-string", dir: "auto" }, JSON.stringify(value.slice(0, longest)));
  const whole = button(texts.json.whole(value.length), () => {
    text.textContent = JSON.stringify(value);
    whole.remove();
  }, { class: "quiet" });
  return h("span", null, text, " ", whole);
}

/** Text as a tree when it is JSON, else null. @param {string} text */
export function parsed(text) {
  if (!/^\s*[[{]/.test(text)) {
    return null;
  }

  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

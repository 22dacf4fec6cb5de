import { button, h } from "./dom.js";
import { whole } from "./format.js";
import { texts } from "./texts.js";

const atOnce = 100;
const longest = 2_000;
const more = 100_000;

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
  const grow = () => {
    body.querySelector(":scope > .json-more")?.remove();
    for (const key of keys.slice(made, made + atOnce)) {
      body.append(jsonTree(value[key], key));
    }

    made += atOnce;
    if (made < keys.length) {
      body.append(button(texts.json.more(whole(Math.min(atOnce, keys.length - made)), whole(keys.length - made)), grow, { class: "quiet json-more" }));
    }
  };
  if (isOpen && name === undefined) {
    grow();
    return h("div", { class: "json", dir: "ltr" }, body);
  }

  return h("details", { class: "json-node", ontoggle: (/** @type {Event} */ event) => made === 0 && /** @type {HTMLDetailsElement} */ (event.target).open && grow() },
    h("summary", null, label, h("span", { class: "soft" }, brief)), body);
}

/** @param {any} value */
function leaf(value) {
  if (typeof value !== "string") {
    return h("span", { class: `json-${value === null ? "null" : typeof value}` }, String(value));
  }

  return longText(value, "json-string", JSON.stringify);
}

/** Text of any length, of which more is shown when that is wanted: a browser that must lay out megabytes at once stands still. @param {string} value @param {string} className @param {(text: string) => string} [written] */
export function longText(value, className, written = (text) => text) {
  const text = h("bdi", { class: className, dir: "auto" });
  let shown = 0;
  const rest = button("", () => grow(more), { class: "quiet" });
  const grow = (/** @type {number} */ by) => {
    // Never half of a pair.
    const end = value.length <= shown + by ? value.length : shown + by - (/[\uD800-\uDBFF]/.test(value[shown + by - 1]) ? 1 : 0);
    text.append(written(value.slice(shown, end)));
    shown = end;
    rest.textContent = texts.json.whole(whole(Math.min(more, value.length - shown)), whole(value.length));
    shown === value.length && rest.remove();
  };
  grow(longest);
  return shown === value.length ? text : h("span", null, text, " ", rest);
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

// Everything that comes from outside enters the page here, as text and never as markup.

/** @typedef {Node | string | number | null | undefined | false} One */

/** @typedef {One | One[] | One[][] | One[][][]} Child */

/**
 * Makes an element. Names that begin with "on" are listeners; "class" and other names are attributes; null and false leave one out.
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== null && value !== undefined && value !== false) {
      // Places of this page are no parts of the document; only the skip link leads to one.
      element.setAttribute(name, name === "href" && /^#(?!content$)/.test(value) ? `./${value}` : String(value));
    }
  }

  append(element, children);
  return element;
}

/** @param {Element} parent @param {Child[]} children */
export function append(parent, children) {
  for (const child of children.flat(4)) {
    if (child !== null && child !== undefined && child !== false) {
      parent.append(typeof child === "number" ? String(child) : /** @type {Node | string} */ (child));
    }
  }
}

/** Puts new children in the place of all others. @param {Element} parent @param {...Child} children */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * Words from outside, kept apart from the words around them whatever direction they are written in.
 * @param {string | null | undefined} text @param {string} [className]
 */
export function said(text, className) {
  return h("bdi", { dir: "auto", class: className }, text ?? "");
}

/** Words from outside that are code: names, ids, digests. @param {string | null | undefined} text @param {string} [className] */
export function code(text, className) {
  return h("code", { dir: "auto", class: className }, text ?? "");
}

/**
 * A sentence in which ids of evidence and names of calls stand out.
 * @param {string} text
 */
export function sentence(text) {
  const parts = text.split(/((?:tool|llm|agent|mcp|http|db)\.(?:call|run|server|client)\/[^\s,;:"“”()]*[^\s,;:"“”().])/u);
  return h("bdi", { dir: "auto" }, ...parts.map((part, index) => (index % 2 ? h("code", null, part) : part)));
}

/** A button. @param {string} label @param {(event: Event) => void} onclick @param {Record<string, any>} [props] */
export function button(label, onclick, props) {
  return /** @type {HTMLButtonElement} */ (h("button", { type: "button", onclick, ...props }, label));
}

/** A mark with a shape and a word, so that it never is only a colour. @param {"good" | "bad" | "warn" | "plain"} kind @param {string} label @param {string} [title] */
export function badge(kind, label, title) {
  const shape = { good: "✓", bad: "✕", warn: "!", plain: "" }[kind];
  return h("span", { class: `badge ${kind}`, title }, shape && h("span", { "aria-hidden": "true" }, shape), label);
}

/** Opens a dialog over the page, which goes when it is closed. What it holds has the id NAME-title where it says its title. @param {string} name @param {Child} content */
export function dialog(name, content) {
  const element = /** @type {HTMLDialogElement} */ (h("dialog", { class: name, "aria-labelledby": `${name}-title`, onclose: () => element.remove() }, content));
  document.body.append(element);
  element.showModal();
  return element;
}

/** Tells screen readers. @param {string} text */
export function announce(text) {
  const place = document.getElementById("announcements");
  if (place) {
    place.textContent = text;
  }
}

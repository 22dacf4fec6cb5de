import { button, h, said } from "./dom.js";
import { texts } from "./texts.js";

/** What could not be done, in the API's own words, with the way out. @param {unknown} error @param {() => void} [again] */
export function failure(error, again) {
  return h("div", { class: "failure", role: "alert" },
    h("strong", null, texts.failed), " ", said(error instanceof Error ? error.message : String(error)),
    again ? h("p", null, button(texts.again, again)) : null);
}

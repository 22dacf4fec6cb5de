import * as api from "./api.js";
import { announce, button, code, dialog, fill, h, said } from "./dom.js";
import { failure } from "./failure.js";
import { texts } from "./texts.js";

const words = texts.imports;

/** A trace file that is dropped anywhere on the page, where no screen takes files itself, goes to this service; what came of it is told in a dialog. */
addEventListener("dragover", (event) => {
  if (event.dataTransfer?.types.includes("Files")) {
    event.preventDefault();
  }
});
addEventListener("drop", (event) => {
  const file = event.dataTransfer?.files[0];
  if (file && !event.defaultPrevented) {
    event.preventDefault();
    take(file);
  }
});

/** A button that lets one choose such a file, for whoever cannot drop one. */
export function chooser() {
  const chosen = () => {
    const file = input.files?.[0];
    file && take(file);
    // Else the same file, mended, could not be chosen again.
    input.value = "";
  };
  // It stands in the document, so that nothing hangs on how long a browser keeps what nobody holds.
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "file", hidden: true, onchange: chosen }));
  return [button(words.choose, () => input.click()), input];
}

/** @param {File} file */
async function take(file) {
  const content = h("div", null);
  const opened = dialog("import", content);
  const show = (/** @type {any} */ ...children) => fill(content, h("h2", { id: "import-title" }, words.title, " ", said(file.name)), ...children,
    h("p", { class: "row" }, button(texts.close, () => opened.close())));
  show(h("p", { role: "status" }, words.reading));
  try {
    const response = await api.send(`imports${api.query({ name: file.name.slice(0, 512) })}`, { method: "POST", body: file });
    const taken = await response.json();
    announce(words.taken);
    show(...outcome(taken, opened));
  } catch (error) {
    show(failure(error, () => {
      opened.close();
      take(file);
    }));
  }
}

/** @param {any} taken @param {HTMLDialogElement} opened */
function outcome(taken, opened) {
  const { spans } = taken;
  return [
    h("p", null, words.spans(spans.added, spans.known, spans.refused)),
    h("p", null, [...new Set(taken.files.map((/** @type {any} */ file) => file.format))].map((format) => [code(String(format)), " "])),
    spans.without_time > 0 && h("p", null, words.withoutTime(spans.without_time)),
    taken.left_out_count > 0 && h("details", null, h("summary", null, words.leftOut(taken.left_out_count)), h("ul", null, taken.left_out.map((/** @type {any} */ kind) =>
      h("li", null, `${kind.count} × `, said(kind.what), " ", code(`${kind.member ? `${kind.member}:` : ""}${kind.line || kind.offset}${kind.pointer ? ` ${kind.pointer}` : ""}`))))),
    taken.incident_id && h("p", null, h("a", { href: `#incident/${taken.incident_id}`, onclick: () => opened.close() }, words.open)),
  ];
}

// The address holds the state: #incident/<id>/span/<span_id>/bytes/<a>-<b>, #incidents?status=open, #compare/<a>/<b>.

/**
 * @typedef {{ screen: string, id?: string, other?: string, evidence?: string, span?: string, step?: string,
 *   bytes?: [number, number], query: URLSearchParams }} Address
 */

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string} [hash] @returns {Address} */
export function read(hash = location.hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [screen, id, ...rest] = path.split("/").map(decode);
  /** @type {Address} */
  const address = { screen: screen || "incidents", id, query: new URLSearchParams(query ?? "") };
  if (screen === "compare") {
    address.other = rest[0];
    return address;
  }

  for (let i = 0; i + 1 < rest.length; i += 2) {
    if (rest[i] === "evidence" || rest[i] === "span" || rest[i] === "step") {
      address[/** @type {"evidence"} */ (rest[i])] = rest[i + 1];
    } else if (rest[i] === "bytes") {
      const range = /^(\d+)-(\d+)$/.exec(rest[i + 1]);
      address.bytes = range ? [Number(range[1]), Number(range[2])] : undefined;
    }
  }

  return address;
}

/** @param {...(string | null | undefined)} parts */
export const link = (...parts) => `#${parts.filter((part) => part !== null && part !== undefined && part !== "").map((part) => encodeURIComponent(/** @type {string} */ (part))).join("/")}`;

/** Goes somewhere; with replace, going back does not come here again. @param {string} hash @param {boolean} [replace] */
export function go(hash, replace) {
  if (replace) {
    history.replaceState(null, "", hash);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = hash;
  }
}

/** Changes the query of the address without making a new step of going back. @param {Record<string, string | null>} changes */
export function amend(changes) {
  const [path, query] = location.hash.split(/\?(.*)/s);
  const values = new URLSearchParams(query ?? "");
  for (const [name, value] of Object.entries(changes)) {
    if (value) {
      values.set(name, value);
    } else {
      values.delete(name);
    }
  }

  const text = values.toString();
  history.replaceState(null, "", `${path || "#incidents"}${text ? `?${text}` : ""}`);
}

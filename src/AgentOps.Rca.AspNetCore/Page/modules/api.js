// The one place that knows the API. Every address is relative, so that prefixes and proxies do not matter.

const root = document.querySelector('meta[name="agentops-api"]')?.getAttribute("content") || "./";

/** What the API said when it refused, in its own words. */
export class Problem extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    const places = Object.entries(body?.errors ?? {}).map(([place, messages]) => `${place} ${[messages].flat().join(" ")}`);
    super((places.length > 1 && places.join(" ")) || body?.detail || body?.title || `The API answered ${status}.`);
    this.status = status;
    this.body = body;
  }
}

/** What writes carry in a session of the page, so that no other page can make them. @type {{ token: string | null }} */
export const antiforgery = { token: null };

/**
 * @param {string} path @param {RequestInit & { json?: any }} [options] @returns {Promise<Response>}
 */
export async function send(path, options = {}) {
  const headers = new Headers(options.headers);
  if (!headers.has("Accept")) {
    headers.set("Accept", "application/json");
  }

  if (antiforgery.token && options.method && options.method !== "GET") {
    headers.set("X-AgentOps-Antiforgery", antiforgery.token);
  }

  if (options.json !== undefined) {
    headers.set("Content-Type", "application/json");
  }

  const response = await fetch(root + path, {
    cache: "no-store", ...options, headers, body: options.json === undefined ? options.body : JSON.stringify(options.json),
  });
  if (response.status === 401 && path !== "rca/session") {
    dispatchEvent(new CustomEvent("rca-key"));
  }

  if (!response.ok) {
    throw new Problem(response.status, await response.json().catch(() => null));
  }

  return response;
}

/** What was asked for before anybody wanted it; each answer is given once. @type {Map<string, Promise<Response>>} */
const asked = new Map();

/** @param {string} path */
export function ahead(path) {
  const answer = send(path);
  // Whoever wants it is told why there is none.
  answer.catch(() => null);
  asked.set(path, answer);
}

/** @param {string} path @param {AbortSignal} [signal] @returns {Promise<any>} */
export async function get(path, signal) {
  const answer = asked.get(path);
  asked.delete(path);
  return (await (answer ?? send(path, { signal }))).json();
}

/** @param {string} path @param {any} json @param {AbortSignal} [signal] @returns {Promise<any>} */
export const post = async (path, json, signal) => (await send(path, { method: "POST", json, signal })).json();

/** A page of a listing and the cursor of the next. @param {string} path @param {AbortSignal} [signal] @returns {Promise<{ body: any, next: string | null }>} */
export async function page(path, signal) {
  const response = await send(path, { signal });
  const next = /<[^>]*[?&]cursor=([^&>]+)[^>]*>;\s*rel="?next"?/.exec(response.headers.get("Link") ?? "");
  return { body: await response.json(), next: next && decodeURIComponent(next[1]) };
}

/** @param {Record<string, string | number | boolean | null | undefined>} values */
export function query(values) {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") {
      text.set(name, String(value));
    }
  }

  return text.size ? `?${text}` : "";
}

/** What an incident opens with. Of a long run the service makes a picture first, which need not wait until the report says where to look. @param {string} id */
export const incidentFirst = (id) => [incident(id, "/reports"), incident(id, `/timeline${query({ px: 1, rows: 0 })}`), incident(id, "?without_counts=true")];

/** The path of an incident's part. @param {string} id @param {string} [rest] */
export const incident = (id, rest = "") => `incidents/${encodeURIComponent(id)}${rest}`;

/**
 * Reads server-sent events as they come.
 * @param {Response} response @param {(name: string, data: any) => void} told
 */
export async function events(response, told) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    waiting += done ? decoder.decode() : decoder.decode(value, { stream: true });
    const whole = waiting.split("\n\n");
    waiting = /** @type {string} */ (whole.pop());
    for (const block of whole) {
      const name = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (name && data) {
        told(name, JSON.parse(data));
      }
    }

    if (done) {
      return;
    }
  }
}

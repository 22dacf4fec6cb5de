import * as api from "./api.js";

const mostHashed = 64 * 1024 * 1024;

/**
 * The SHA-256 of content as this browser computes it, where it can.
 * @param {string} path @param {number | null} length @param {AbortSignal} signal
 * @returns {Promise<{ sha256: string | null, content: Uint8Array | null, by: "browser" | "server" | "size" }>}
 */
export async function hashOf(path, length, signal) {
  if (length !== null && length > mostHashed) {
    return { sha256: null, content: null, by: "size" };
  }

  const response = await api.send(path, { signal, headers: { Accept: "application/octet-stream, application/problem+json" } });
  const content = new Uint8Array(await response.arrayBuffer());
  if (!globalThis.crypto?.subtle) {
    return { sha256: null, content, by: "server" };
  }

  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return { sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join(""), content, by: "browser" };
}

/** Whether what is shown is what the hashed bytes say. @param {Uint8Array} content @param {any[]} parts */
export function saysTheSame(content, parts) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return parts.every((part) => part.masked || decoder.decode(content.subarray(part.offset, part.offset + part.length)) === part.text);
}

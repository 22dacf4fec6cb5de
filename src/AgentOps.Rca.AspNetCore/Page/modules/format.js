import { texts } from "./texts.js";
import { h } from "./dom.js";

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const numbers = new Intl.NumberFormat(undefined);

/** @param {number | null | undefined} value */
export const whole = (value) => (value === null || value === undefined ? texts.unknown : numbers.format(value));

/** @param {number | null | undefined} share From 0 to 1. */
export const percent = (share) => (share === null || share === undefined ? texts.unknown : share < 1 && share >= 0.995 ? "> 99 %" : `${Math.round(share * 100)} %`);

/** @param {number | null | undefined} dollars */
export function money(dollars) {
  if (dollars === null || dollars === undefined) {
    return texts.unknown;
  }

  return dollars === 0 ? "$0" : `$${dollars < 0.01 ? dollars.toPrecision(2) : dollars.toFixed(2)}`;
}

/** @param {number | null | undefined} ms */
export function duration(ms) {
  if (ms === null || ms === undefined) {
    return texts.unknown;
  }

  const units = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "min"], [1_000, "s"]];
  for (const [size, unit] of /** @type {[number, string][]} */ (units)) {
    if (ms >= size) {
      const value = ms / size;
      return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
    }
  }

  return ms >= 1 || ms === 0 ? `${Math.round(ms)} ms` : `${Number((ms * 1000).toPrecision(2))} µs`;
}

/** @param {number | null | undefined} count */
export function bytes(count) {
  if (count === null || count === undefined) {
    return texts.unknown;
  }

  return count < 1024 ? `${count} B` : count < 1_048_576 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1_048_576).toFixed(1)} MiB`;
}

/** How long ago, in a few letters. @param {number} seconds */
export const age = (seconds) => (seconds < 60 ? texts.now : duration(Math.floor(seconds / 60) * 60_000));

// Where steps stand that a file tells without a time.
const noTime = 2000;

/** @param {string | null | undefined} iso */
export const isUntimed = (iso) => !!iso && new Date(iso).getUTCFullYear() === noTime;

/** How long a call took; not known where the file tells neither when it was nor how long it took. @param {string | null | undefined} from @param {number | null} ms @param {boolean} [isRun] */
export const lasted = (from, ms, isRun = false) => (isUntimed(from) && ms !== null && (ms <= 1 || isRun) ? texts.unknown : duration(ms));

/** A time in the reader's own zone, with UTC on hover. @param {string | null | undefined} iso @param {string} [label] */
export function time(iso, label) {
  const at = iso ? new Date(iso) : null;
  if (isUntimed(iso)) {
    return h("span", { title: texts.noTime }, texts.unknown);
  }

  return at && !Number.isNaN(at.getTime())
    ? h("time", { datetime: iso, title: `${at.toISOString().replace("T", " ").replace(/\.?0*Z$/, "")} UTC` }, label ?? dates.format(at))
    : h("span", null, texts.unknown);
}

/** The first digits of a digest, whole on hover. @param {string | null | undefined} value */
export const digest = (value) => h("code", { class: "digest", title: value }, value ? `${value.slice(0, 12)}…` : texts.unknown);

/** The ends of an id: the first digits alone are a time, and alike. @param {string} id */
export const shortId = (id) => h("code", { title: id }, `${id.slice(0, 8)}…${id.slice(-4)}`);

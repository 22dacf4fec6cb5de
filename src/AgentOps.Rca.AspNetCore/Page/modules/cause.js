import { link } from "./address.js";
import { badge, code, h, said, sentence } from "./dom.js";
import { digest, duration, money, percent, shortId, time, whole } from "./format.js";
import { meter } from "./incidents.js";
import { signed } from "./session.js";
import { texts } from "./texts.js";

const words = texts.incident;

/** What the report says first: the cause, how sure it is, and what that rests on. @param {any} report @param {string} incident @param {boolean} isLatest */
export function cause(report, incident, isLatest) {
  const isFound = report.verdict === "identified";
  const first = report.hypotheses[0];
  const ids = isFound && first ? first.evidence : [];
  const checked = report.evidence.filter((/** @type {any} */ item) => item.checked).length;
  return h("section", { class: `verdict ${report.verdict}`, "aria-label": words.cause },
    isLatest ? null : h("p", { class: "note" }, words.older, " ", h("a", { href: link("incident", incident) }, words.toLatest)),
    h("p", { class: "eyebrow" },
      isFound ? badge("bad", words.identified) : badge("warn", words.inconclusive),
      isFound && first ? said(first.category, "tag") : null,
      h("span", { class: "sure" }, meter(report.confidence), h("strong", null, percent(report.confidence)), ` ${words.confidence}`)),
    h("p", { class: "root-cause" }, isFound ? sentence(report.root_cause ?? report.summary) : words.inconclusiveText),
    isFound ? null : h("p", null, sentence(report.summary)),
    ids.length ? h("p", { class: "rests" }, h("span", { class: "soft" }, words.restsOn), " ", chips(ids, report, incident)) : null,
    report.evidence.length ? h("p", { class: "soft small" }, words.checked(checked, report.evidence.length), ". ", made(report)) : h("p", { class: "soft small" }, made(report)));
}

/** @param {any} report */
function made(report) {
  return h("span", null, `${words.engine} `, code(`${report.engine} ${report.engine_version}`), report.model ? [" ", code(report.model)] : null, " · ", time(report.analysis_timestamp), " · ", digest(report.report_digest));
}

/** Evidence to open. @param {string[]} ids @param {any} report @param {string} incident */
export function chips(ids, report, incident) {
  return ids.map((id) => {
    const item = report.evidence.find((/** @type {any} */ one) => one.id === id);
    const mark = item?.checked ? "✓" : "?";
    return h("a", { class: `chip ${item?.checked ? "good" : "warn"}`, "data-evidence": id, title: item?.text, href: link("incident", incident, "evidence", id) },
      id, h("span", { "aria-hidden": "true" }, ` ${mark}`), h("span", { class: "unseen" }, item?.checked ? words.isChecked : words.isNotChecked));
  });
}

/** Everything else that the report says, each part only when there is something. @param {any} report @param {string} incident */
export function story(report, incident) {
  const others = report.verdict === "identified" ? report.hypotheses.slice(1) : report.hypotheses;
  const isFound = report.verdict === "identified";
  const possible = others.length ? h("section", null, h("h2", null, isFound ? words.hypotheses : words.possible),
    h("ol", { class: "hypotheses" }, others.map((/** @type {any} */ one) => h("li", null, h("p", null, sentence(one.cause)),
      h("p", { class: "row small" }, said(one.category, "tag"), chips(one.evidence, report, incident),
        one.grounded ? badge("good", words.grounded) : badge("warn", words.ungrounded)))))) : null;
  return {
    first: [isFound ? null : possible, list(words.todo, report.recommendations, "todo")],
    rest: [
      isFound ? possible : null, list(words.factors, report.contributing_factors), list(words.gaps, report.gaps, "gaps"),
      statements(words.ruledOut, report.ruled_out, report, incident), before(report)],
  };
}

/** @param {string} title @param {string[]} sentences @param {string} [className] */
function list(title, sentences, className) {
  return sentences?.length ? h("section", { class: className }, h("h2", null, title), h("ul", null, sentences.map((text) => h("li", null, sentence(text))))) : null;
}

/** @param {string} title @param {any[] | undefined} said_ @param {any} report @param {string} incident */
function statements(title, said_, report, incident) {
  return said_?.length ? h("section", null, h("h2", null, title), h("ul", null, said_.map((one) => h("li", null, sentence(one.text), " ",
    one.level ? h("span", { class: "tag" }, one.level) : null, " ", chips(one.evidence ?? [], report, incident))))) : null;
}

/** @param {any} report */
function before(report) {
  const seen = report.patterns?.[0];
  return h("section", null, h("h2", null, words.similar), !seen ? h("p", { class: "soft" }, words.noneBefore) : [
    h("p", null, words.before(seen.count), " ", seen.last_seen ? time(seen.last_seen) : null),
    h("p", { class: "row" }, seen.incidents.map((/** @type {string} */ id) => h("a", { href: link("incident", id) }, shortId(id)))),
    seen.approved?.length ? h("ul", null, seen.approved.map((/** @type {any} */ one) => h("li", null,
      h("a", { href: link("incident", one.incident_id) }, sentence(one.root_cause ?? one.incident_id)), " ",
      badge("good", words.approvedThen), " ", signed(one.approver, one.approved_by), one.note ? [": ", said(one.note)] : null))) : null]);
}

/** What happened, in the order of time. @param {any} report @param {string} incident */
export function happened(report, incident) {
  return report.timeline?.length ? h("section", null, h("h2", null, words.timeline), h("ol", { class: "happened" },
    report.timeline.map((/** @type {any} */ entry) => h("li", null, time(entry.time, new Date(entry.time).toLocaleTimeString()), h("a", { href: link("incident", incident, "span", entry.span_id) }, sentence(entry.text)))))) : null;
}

/** @param {any} kpis */
export function figures(kpis) {
  const agent = kpis.agent_usage;
  const rows = [
    [texts.kpis.evidence, kpis.evidence_time === null ? null : duration(kpis.evidence_time * 1000)],
    [texts.kpis.toRca, kpis.time_to_rca === null ? null : duration(kpis.time_to_rca * 1000)],
    [texts.kpis.cost, kpis.tokens_cost === null ? null : money(kpis.tokens_cost)],
    [texts.kpis.calls, agent ? whole(agent.calls) : null],
    [texts.kpis.tokens, agent ? `${whole(agent.input_tokens)} / ${whole(agent.output_tokens)}` : null],
    [texts.kpis.agentCost, agent ? money(agent.cost_usd) : null],
  ];
  return h("section", { class: "figures" }, h("h2", null, words.kpis), h("dl", null, rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", { class: value ? null : "soft" }, value ?? texts.unknown)))));
}

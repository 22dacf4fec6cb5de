// All words of the page, in one table.

export const texts = {
  product: "AgentOps.Rca",
  unknown: "not known", noTime: "The file that this came from does not say when it was.",
  now: "now",
  loading: "Loading…",
  close: "Close",
  copy: "Copy",
  copied: "Copied.",
  skip: "Skip to content",
  navigation: "Pages",
  incidents: "Incidents",
  patterns: "Patterns",
  verify: "Verify a bundle",
  help: "Keyboard",
  live: "live",
  liveOff: "The list could not be refreshed; it is asked for again.",
  failed: "This could not be loaded.",
  again: "Try again",

  key: {
    title: "This service asks for its key",
    text: "It is the one that was made for you, or the one for all (AGENTOPS_API_KEY). It goes to this service only, never into an address, and is exchanged for a cookie that no script can read and that ends after eight hours.",
    wrong: "The service did not accept this key. It is yours by AGENTOPS_KEYS, or the one that AGENTOPS_API_KEY holds.",
    label: "API key",
    use: "Sign in",
  },
  session: {
    signs: "You sign as", authenticated: "(authenticated)", claimed: "(claimed)", signOut: "Sign out", keyHolder: "a holder of the key",
  },
  keys: [
    ["?", "this list"], ["g i", "incidents"], ["g p", "patterns"], ["g v", "verify a bundle"], ["/", "search the list or the run"], ["j  k", "next and previous row"], ["Enter", "open"],
    ["e", "next evidence"], ["E", "previous evidence"], ["n", "next error of the run"], ["p", "previous error of the run"], ["[  ]", "previous and next found in the run"], ["↑ ↓ Home End", "walk the calls of the run"], ["+  -  0", "closer, wider, whole run"], ["h  l", "earlier, later"], ["f", "fold idle gaps"], ["t", "timeline"], ["c", "conversation"], ["d", "compare"],
    ["a", "analyse again"], ["y", "approve"], ["x", "reject"], ["r", "replay"], ["b", "download the bundle"], ["m", "copy as Markdown"], ["w", "print"], ["Esc", "leave a field or a dialog"],
  ],

  stale: "overtaken by a newer analysis",

  filters: {
    label: "Filters", text: "Search", textHint: "order, problem, id, words of the cause", status: "Status", verdict: "Verdict", tool: "Tool", toolHint: "tool.call/…", since: "Since", clear: "Clear",
    any: "any",
    statuses: { open: "open", approved: "approved", rejected: "rejected" },
    verdicts: { identified: "cause found", inconclusive: "inconclusive", none: "not analysed" },
    times: { "3600": "last hour", "86400": "last day", "604800": "last 7 days", "2592000": "last 30 days" },
  },
  list: {
    age: "Age", what: "What went wrong", confidence: "Confidence", decision: "Decision", times: "Seen",
    none: "No incident fits these filters.",
    notAnalysed: "Not analysed yet.",
    inconclusive: "No cause could be shown.",
    end: "These are all.",
    more: "Loading more…",
    /** @param {number} count */
    seen: (count) => `${count} incidents of the last 90 days failed in this way, this one among them`,
    /** @param {number} count */
    arrived: (count) => (count === 1 ? "1 new incident." : `${count} new incidents.`),
    /** @param {string} hours */
    late: (hours) => `${hours} h late`,
  },
  empty: {
    title: "Nothing has gone wrong here, as far as this service knows.",
    text: "It learns of your agents from OpenTelemetry, from .NET code, or from a request. Any of these is enough:",
    otlp: "Any agent with OpenTelemetry",
    dotnet: "An agent in .NET",
    curl: "An incident by hand",
  },

  json: {
    /** @param {string} next @param {string} count */
    more: (next, count) => `Show ${next} of ${count} more`,
    /** @param {string} next @param {string} length */
    whole: (next, length) => `Show ${next} more of ${length} characters`,
  },

  incident: {
    one: "Incident",
    unknownTitle: "This incident is not here.",
    cause: "Root cause",
    identified: "Cause found",
    inconclusive: "The cause is not known",
    inconclusiveText: "The records do not carry one. What speaks for each possibility stands below; what is missing stands under gaps.",
    notAnalysed: "Not analysed yet",
    notAnalysedText: "Nobody has asked for an analysis. It needs no key and takes seconds.",
    confidence: "confidence",
    restsOn: "Rests on",
    possible: "What is possible",
    isChecked: "found in the bytes",
    isNotChecked: "not found in the bytes",
    /** @param {number} checked @param {number} all */
    checked: (checked, all) => `${checked} of ${all} pieces of evidence were found in the recorded bytes by code`,
    summary: "In short",
    todo: "What to do",
    factors: "What made it worse",
    hypotheses: "Other hypotheses",
    grounded: "every citation was found in the records",
    ungrounded: "not every citation was found in the records",
    gaps: "What could not be looked at",
    kpis: "Figures",
    similar: "Seen before",
    ruledOut: "Ruled out",
    timeline: "What happened",
    details: "Details of the incident",
    mail: "E-mail draft",
    openMail: "Open in the mail program",
    decide: "Decide and keep",
    reports: "Analyses",
    latest: "latest",
    older: "This is an earlier analysis.",
    toLatest: "Show the latest",
    engine: "engine",
    /** @param {number} count */
    before: (count) => (count === 1 ? "1 earlier incident failed in the same way." : `${count} earlier incidents failed in the same way.`),
    noneBefore: "This failure was not seen before.",
    approvedThen: "approved then",
  },
  kpis: {
    evidence: "Time covered by evidence", toRca: "From detection to cause", cost: "Cost of the analyses", calls: "Model calls of the agent", tokens: "Tokens of the agent, in and out", agentCost: "Cost of the agent",
  },
  run: {
    title: "The run",
    views: { timeline: "Timeline", conversation: "Conversation", compare: "Compare" },
    shortcuts: { timeline: "t", conversation: "c", compare: "d" },
    kinds: { model: "model", tool: "tool", run: "agent", guardrail: "guardrail" },
    roles: { system: "system", user: "user", assistant: "assistant", tool: "tool" },
    statuses: { ok: "ok", failed: "failed", tripped: "tripped" },
    outcomes: { repaired: "repaired later by", handled: "handled by the agent", ignored: "ignored by the agent", not_repaired: "never repaired" },
    culprit: "the cause",
    notRecorded: "no span records it",
    notOffered: "was not offered to the model",
    noEnd: "no end recorded",
    tokens: "tokens",
    arguments: "arguments", result: "result", told: "what the model was told",
    asksFor: "asks for",
    saidByResult: "(only its result says so)",
    unfold: "Show all",
    request: "Asked for", answer: "Answered",
    messages: "messages", reply: "reply",
    attributes: "Attributes and events", otherSpans: "Other halves of this call",
    fromStart: "From the start", toCulprit: "To the cause",
    end: "The run ends here.",
    noSteps: "The records of this incident hold no steps of an agent; the timeline shows its calls.",
    /** @param {any} counts */
    counts: (counts) => `${counts.total} steps: ${counts.models} model calls, ${counts.tools} tool calls`,
    earlierSteps: "Earlier steps",
    /** @param {string} label */
    recorded: (label) => `${label} as recorded:`,
    /** @param {string} size */
    open: (size) => `Open all ${size}, nothing masked`,
    /** @param {string} label */
    contentGone: (label) => `The bytes of the ${label} are not stored.`,
    /** @param {string} count */
    failed: (count) => `${count} failed`,
    /** @param {number} count */
    earlier: (count) => `${count} earlier ${count === 1 ? "message" : "messages"} not repeated`,
    /** @param {number} count */
    offered: (count) => `${count} ${count === 1 ? "tool" : "tools"} offered`,
    /** @param {string} length */
    whole: (length) => `Show more of ${length} characters`,
    /** @param {string} size */
    stillCut: (size) => `More than is shown here: ${size} in all. The call in the timeline opens all of it.`,
  },

  timeline: {
    rows: "Calls of the run",
    noneFailed: "no call failed",
    previousError: "Previous error", nextError: "Next error",
    zoomIn: "Closer", zoomOut: "Wider", fit: "Whole run",
    earlier: "Earlier", later: "Later",
    /** @param {string} at @param {string} all */
    error: (at, all) => `error ${at} of ${all}`,
    /** @param {string} length */
    gap: (length) => `nothing ran for ${length}`,
    /** @param {string} count @param {string} length */
    calls: (count, length) => (length ? `${count} calls in ${length}` : `${count} calls`),
    /** @param {string} count */
    failed: (count) => `${count} failed`,
    /** @param {number} count @param {string} share */
    fold: (count, share) => `fold ${count} idle ${count === 1 ? "gap" : "gaps"}, ${share} of the time`,
    /** @param {string} by */
    moved: (by) => `clock moved by ${by}`,
    /** @param {number} count */
    withoutEnd: (count) => `${count} ${count === 1 ? "call has" : "calls have"} no recorded end, drawn open.`,
    /** @param {number} count */
    endBeforeStart: (count) => `${count} ${count === 1 ? "call ends" : "calls end"} before the start.`,
    /** @param {number} count */
    unknownParents: (count) => `${count} ${count === 1 ? "call names" : "calls name"} a caller that was not recorded.`,
    /** @param {number} count @param {string} by */
    clock: (count, by) => `The clocks of ${count} ${count === 1 ? "call" : "calls"} were moved, by at most ${by}, so that no call begins before the one that made it.`,
    /** @param {number} count */
    lanesLeftOut: (count) => `${count} more ${count === 1 ? "lane is" : "lanes are"} not drawn.`,
    /** @param {string} length @param {number} failed @param {number} lanes */
    overview: (length, failed, lanes) => `The whole run: ${length}, ${lanes} ${lanes === 1 ? "lane" : "lanes"}, ${failed} failed. Drag to choose a stretch.`,
  },
  search: {
    label: "Search in this run", hint: "name, agent, service, id", previous: "Previous found", next: "Next found", none: "nothing found",
    /** @param {string} at @param {string} all */
    found: (at, all) => `${at} of ${all}`,
  },
  span: {
    label: "The chosen call", id: "span", parent: "called by", service: "service", clock: "clock", notThere: "(not recorded)",
    partOf: "This call is part of a step of an agent:", noStep: "This call is part of no step of an agent.",
  },
  decide: {
    approve: "Approve", reject: "Reject…", rejectNow: "Reject", again: "Analyse again…", first: "Analyse…", analyse: "Analyse", replay: "Replay", bundle: "Download bundle",
    markdown: "Copy as Markdown", print: "Print", cancel: "Cancel", stop: "Stop", stopped: "The analysis was stopped.", ended: "The connection ended before the report came. Analyses that finish are listed after a reload.",
    approvedBy: "Your name", rejectedBy: "Your name", requestedBy: "Your name", note: "Note", reason: "Why (needed)", about: "This decides on the report",
    engine: "Engine", auto: "auto", off: "off", reference: "Compare with a time in which nothing was wrong", from: "from", to: "to",
    analysing: "Analysing…", done: "The new report is stored.", replaying: "Replaying from recorded bytes…", bundling: "Making the bundle…", sending: "Recording…", saved: "Downloaded.",
    verdicts: { reproduced: "Reproduced: everything came out as recorded", diverged: "Diverged: something is not as recorded", incomplete: "Incomplete: not everything could be checked" },
    firstDivergence: "First divergence.", expected: "expected", found: "found", replayDigest: "replay digest",
    /** @param {string} spans @param {string} artifacts @param {number} analyses */
    walked: (spans, artifacts, analyses) => `${spans} spans walked, ${artifacts} artifacts hashed, ${analyses} ${analyses === 1 ? "analysis" : "analyses"} made again`,
    /** @param {number} count */
    deviations: (count) => `All ${count} deviations`,
  },
  verifying: {
    text: "A bundle holds an incident with its evidence, reports and decisions, signed. It is checked against itself and against the keys that this service trusts; nothing of it is stored.",
    drop: "Drop a bundle here, or choose a file",
    valid: "Valid: intact, and signed by a trusted key", invalid: "Not valid", region: "first broken at", incident: "incident", key: "signed by key",
    checks: { intact: "intact", signed: "signed", replay: "replay", grounded: "grounded", approved: "approved" },
    /** @param {string} name @param {string} size */
    checking: (name, size) => `Checking ${name}, ${size}…`,
  },
  patternList: {
    text: "Failures by category, tool and class of error, ids left out. What people approved of one is offered when it comes back.",
    none: "No failure was found yet.", first: "first", last: "last",
    /** @param {string} counts */
    plot: (counts) => `Incidents by week, the last 13: ${counts}`,
  },
  compare: {
    title: "Two runs", first: "first divergence", same: "the same", differs: "differs", left: "this run", right: "good run", other: "other run",
    noDifference: "The runs do not part: every step was given the same and gave back the same.", inputs: "given", outputs: "gave back",
    started: "started", length: "took", steps: "steps", tokens: "tokens", cost: "cost", answer: "answered", cut: "One of the runs has more steps than are compared.",
    /** @param {string} name */
    onlyIn: (name) => `only in ${name === "this run" ? name : `the ${name}`}`,
    /** @param {any} found @param {string} other */
    counts: (found, other) => `${found.same} pairs are the same, ${found.different} differ, ${found.only_left} steps are only in this run, ${found.only_right} only in the ${other}.`,
    choose: "Good runs of the same agent, the nearest in time first:",
    none: "No good run of this agent is recorded, so there is nothing to compare with.",
    /** @param {string} length @param {string} calls @param {string} distance @param {boolean} isBefore */
    run: (length, calls, distance, isBefore) => `${length}, ${calls} calls, ${distance} ${isBefore ? "earlier" : "later"}`,
  },

  evidence: {
    title: "The bytes",
    choose: "Choose a piece of evidence to see the recorded bytes that it was read from.",
    holds: "stands in the bytes",
    doesNotHold: "does not stand in the bytes any more",
    source: { span: "Span as stored", artifact: "Artifact as stored" },
    at: "at",
    range: "bytes",
    recorded: "SHA-256 recorded",
    computed: "SHA-256 of these bytes",
    computing: "being computed in this browser…",
    by: {
      browser: "computed in this browser",
      server: "computed by the server: this browser offers no SubtleCrypto on an address without https",
      size: "computed by the server: the content is too large to be hashed here",
    },
    shownOther: "What is shown above is not what the bytes say.",
    wider: "Show more around it",
    same: "Unchanged: both digests are the same.",
    different: "Changed: the bytes are not those that were recorded.",
    notRecorded: "The digest of this span was not recorded by its analysis, so that a change cannot be seen here.",
    masked: "masked",
    maskedWhy: "Parts that look like secrets or personal data are masked in what is shown. Digests are those of the originals.",
    noBytes: "There are no bytes to show.",
    download: "All bytes",
    copyLink: "Copy link",
    more: "…",
    openSpan: "Show in the run",
    previous: "Previous evidence", next: "Next evidence",
  },
  imports: {
    title: "Trace file",
    choose: "Read a trace file…",
    reading: "It is being read.",
    taken: "The file was taken in.",
    /** @param {number} added @param {number} known @param {number} refused */
    spans: (added, known, refused) => `${added} new spans, ${known} that were here${refused ? `, ${refused} refused` : ""}.`,
    /** @param {number} count */
    withoutTime: (count) => `${count} spans have no time in the file: their times only tell the order.`,
    /** @param {number} count */
    leftOut: (count) => `${count} left out`,
    open: "To the incident",
  },
};

"use strict";

// The page stands at /docs below any prefix, beside openapi/v1.json.
const root = location.pathname.replace(/\/docs\/?$/, "");
document.getElementById("app").replaceChildren();
Scalar.createApiReference("#app", {
  url: `${location.origin}${root}/openapi/v1.json`,
  // Nothing is loaded from, or told to, anybody else.
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: "never",
  agent: { disabled: true },
  mcp: { disabled: true },
});

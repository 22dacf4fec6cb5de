"use strict";

// Shows openapi/v1.json of this host. Everything is put in as text, never as markup.
const root = location.pathname.replace(/\/docs\/?$/, "");

const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") element.addEventListener("click", value); else element.setAttribute(key, value);
  }
  element.append(...children.filter(child => child !== undefined && child !== null));
  return element;
};

const pretty = value => typeof value === "string" ? value : JSON.stringify(value, null, 2);

const resolve = (api, value) => value?.$ref ? value.$ref.slice(2).split("/").reduce((at, step) => at[step], api) : value;

// A schema in short, as the shape of its JSON.
const shape = (api, schema, depth = 0) => {
  const value = resolve(api, schema) ?? {};
  if (value.allOf) return Object.assign({}, ...value.allOf.map(part => shape(api, part, depth)));
  if (value.oneOf) return shape(api, value.oneOf[0], depth);
  const type = [value.type ?? "any"].flat().join(" or ");
  if (value.properties && depth < 5) {
    return Object.fromEntries(Object.entries(value.properties).map(([name, part]) =>
      [name + (value.required?.includes(name) ? " *" : ""), shape(api, part, depth + 1)]));
  }
  if (value.items) return [shape(api, value.items, depth + 1)];
  const choices = value.enum ? `: ${value.enum.join(", ")}` : value.format ? ` (${value.format})` : "";
  return type + choices + (value.description ? ` – ${value.description}` : "");
};

const contentOf = (api, content) => Object.entries(content ?? {}).flatMap(([type, media]) => [
  make("p", {}, make("code", {}, type)),
  media.example === undefined ? null : make("pre", {}, pretty(media.example)),
  media.schema ? make("details", {}, make("summary", {}, "Shape"), make("div", {}, make("pre", {}, pretty(shape(api, media.schema))))) : null,
]);

const parametersOf = operation => operation.parameters?.length ? make("table", {},
  make("tr", {}, ...["Name", "In", "What"].map(title => make("th", {}, title))),
  ...operation.parameters.map(parameter => make("tr", {},
    make("td", {}, make("code", {}, parameter.name + (parameter.required ? " *" : ""))),
    make("td", {}, parameter.in),
    make("td", {}, parameter.description ?? "")))) : null;

const responsesOf = (api, operation) => Object.entries(operation.responses).map(([status, response]) => {
  const value = resolve(api, response);
  return make("details", {}, make("summary", {}, make("code", {}, status), " ", value.description),
    make("div", {}, ...contentOf(api, value.content)));
});

const trial = (path, method, operation) => {
  const inputs = (operation.parameters ?? []).map(parameter => [parameter, make("input", { placeholder: String(parameter.example ?? "") })]);
  const types = Object.keys(operation.requestBody?.content ?? {});
  const type = make("select", {}, ...types.map(name => make("option", {}, name)));
  const body = make("textarea", { "aria-label": "Body" });
  body.value = types.length ? pretty(operation.requestBody.content[types[0]].example ?? "") : "";
  const answer = make("pre", { hidden: "" });
  const send = async () => {
    let target = path;
    const query = new URLSearchParams();
    const headers = {};
    for (const [parameter, input] of inputs) {
      if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value || input.placeholder));
      else if (input.value && parameter.in === "query") query.set(parameter.name, input.value);
      else if (input.value) headers[parameter.name] = input.value;
    }
    const key = document.getElementById("key").value;
    if (key) headers["X-Api-Key"] = key;
    if (types.length) headers["Content-Type"] = type.value === "*/*" ? "text/plain" : type.value;
    answer.hidden = false;
    answer.textContent = "…";
    try {
      const response = await fetch(root + target + (query.size ? `?${query}` : ""), { method: method.toUpperCase(), headers, body: types.length ? body.value : undefined });
      const text = await response.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it came */ }
      answer.textContent = `${response.status} ${response.statusText}\n${[...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${shown.slice(0, 100000)}`;
    } catch (failure) {
      answer.textContent = String(failure);
    }
  };
  return make("details", {}, make("summary", {}, "Try it"), make("div", {},
    ...inputs.map(([parameter, input]) => make("p", {}, make("label", {}, make("code", {}, parameter.name), " ", input))),
    types.length ? make("p", {}, type) : null,
    types.length ? body : null,
    make("div", {}, make("button", { type: "button", onclick: send }, "Send")),
    answer));
};

const show = api => {
  document.getElementById("about").textContent = api.info.description;
  const contents = document.getElementById("contents");
  const main = document.getElementById("endpoints");
  main.replaceChildren();
  for (const tag of api.tags) {
    contents.append(make("b", {}, tag.name));
    main.append(make("h2", { id: tag.name }, tag.name), make("p", {}, tag.description));
    for (const [path, methods] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(methods).filter(([name, value]) => value.tags?.includes(tag.name) && name !== "head")) {
        contents.append(make("a", { href: `#${operation.operationId}` }, make("span", { class: `method ${method}` }, method.toUpperCase()), path));
        main.append(make("details", { id: operation.operationId },
          make("summary", {}, make("span", { class: `method ${method}` }, method.toUpperCase()), make("code", {}, path), " – ", operation.summary),
          make("div", {},
            operation.description ? make("p", {}, operation.description) : null,
            parametersOf(operation),
            ...(operation.requestBody ? [make("h3", {}, "Body"), ...contentOf(api, operation.requestBody.content)] : []),
            make("h3", {}, "Answers"),
            ...responsesOf(api, operation),
            trial(path, method, operation))));
      }
    }
  }
  const open = () => { const target = document.getElementById(location.hash.slice(1)); if (target?.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); } };
  addEventListener("hashchange", open);
  open();
};

fetch(`${root}/openapi/v1.json`).then(response => response.json()).then(show, failure => {
  document.getElementById("endpoints").textContent = `The description could not be read: ${failure}`;
});

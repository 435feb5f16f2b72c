// Shows openapi.json. Every text of the document gets into the page as text, never as markup.
"use strict";

const methods = ["get", "post", "put", "patch", "delete", "head", "options"];

/** An element with attributes and children; strings among the children are text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The words of a description: `code` and paragraphs are all the Markdown there is. */
function prose(text) {
  return (text || "").split(/\n\n+/).filter(Boolean).map((paragraph) => {
    const pieces = paragraph.split("`");
    return make("p", {}, ...pieces.map((piece, i) => (i % 2 ? make("code", {}, piece) : piece)));
  });
}

/** What a "#/components/…" reference names; the value itself when it is none. */
function resolve(api, value) {
  if (!value || !value.$ref) return value;
  const steps = value.$ref.replace(/^#\//, "").split("/");
  return steps.reduce((at, step) => at?.[step.replace(/~1/g, "/").replace(/~0/g, "~")], api);
}

function nameOf(reference) {
  return reference.split("/").pop();
}

/** A schema's type in a few words. */
function typeOf(schema) {
  if (!schema || schema === true) return "anything";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const options = schema.oneOf || schema.anyOf;
  if (options) return options.map(typeOf).join(" or ");
  if (schema.allOf) return schema.allOf.map(typeOf).join(" and ");
  const types = [schema.type].flat().filter(Boolean);
  const words = types.map((type) => (type === "array" ? `list of ${typeOf(schema.items)}` : type));
  return (words.join(" or ") || "anything") + (schema.format ? ` (${schema.format})` : "");
}

/** Ranges and defaults of a schema. */
function limitsOf(schema) {
  const words = [];
  if (!schema) return "";
  if (schema.minimum !== undefined) words.push(`at least ${schema.minimum}`);
  if (schema.exclusiveMinimum !== undefined) words.push(`more than ${schema.exclusiveMinimum}`);
  if (schema.maximum !== undefined) words.push(`at most ${schema.maximum}`);
  if (schema.maxLength !== undefined) words.push(`at most ${schema.maxLength} characters`);
  if (schema.default !== undefined) words.push(`default ${JSON.stringify(schema.default)}`);
  return words.join(", ");
}

function table(headings, rows) {
  if (rows.length === 0) return null;
  const head = make("tr", {}, ...headings.map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, ...[cell].flat()))));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
}

/** The fields of an object's schema as a table; nothing for other schemas. */
function fieldsOf(api, given) {
  const schema = resolve(api, given);
  const properties = Object.entries(schema?.properties || {});
  const required = new Set(schema?.required || []);
  return table(["Field", "Type", "Meaning"], properties.map(([name, field]) => [
    [make("code", {}, name), required.has(name) ? "" : make("span", { class: "soft" }, " optional")],
    typeLinked(field),
    [(field.description || "") + " ", make("span", { class: "soft" }, limitsOf(field))],
  ]));
}

/** typeOf(), with a link where it is a schema that has a name. */
function typeLinked(schema) {
  const inner = schema?.items?.$ref || schema?.$ref;
  return inner ? make("a", { href: `#schema-${nameOf(inner)}` }, typeOf(schema)) : typeOf(schema);
}

function pretty(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function exampleOf(content) {
  if (content.example !== undefined) return content.example;
  const first = Object.values(content.examples || {})[0];
  return first ? first.value : content.schema?.example;
}

/** Media types of a body, each with its fields and an example. */
function contents(api, given) {
  return Object.entries(given || {}).flatMap(([type, content]) => {
    const example = exampleOf(content);
    return [
      make("p", {}, make("code", {}, type), " ", typeLinked(content.schema)),
      content.schema?.$ref ? null : fieldsOf(api, content.schema),
      example === undefined ? null
        : make("details", {}, make("summary", {}, "Example"), make("pre", {}, pretty(example))),
    ];
  });
}

function parameters(api, list) {
  return table(["Parameter", "In", "Type", "Meaning"], list.map((given) => {
    const one = resolve(api, given);
    return [
      [make("code", {}, one.name), one.required ? "" : make("span", { class: "soft" }, " optional")],
      one.in,
      typeOf(one.schema),
      [(one.description || "") + " ", make("span", { class: "soft" }, limitsOf(one.schema))],
    ];
  }));
}

/** The call as a line for a shell. */
function curlLine(path, method, operation, isOpen) {
  const words = ["curl"];
  if (method !== "get") words.push(`-X ${method.toUpperCase()}`);
  if (!isOpen) words.push('-H "X-API-Key: $STENO_API_KEY"');
  const json = operation.requestBody?.content?.["application/json"];
  const body = json && exampleOf(json);
  if (body !== undefined) {
    words.push('-H "Content-Type: application/json"');
    words.push(`-d '${JSON.stringify(body).replace(/'/g, "'\\''")}'`);
  }
  return [...words, `"$STENO_URL${path}"`].join(" ");
}

function showOperation(api, path, method, item) {
  const operation = item[method];
  const id = operation.operationId || `${method}-${path}`;
  const isOpen = (operation.security || api.security || []).length === 0;
  const list = [...(item.parameters || []), ...(operation.parameters || [])];
  const answers = Object.entries(operation.responses || {}).map(([status, given]) => {
    const answer = resolve(api, given);
    return make("details", {}, make("summary", {}, make("b", {}, status), ` ${answer.description || ""}`),
      ...contents(api, answer.content).filter(Boolean));
  });
  const body = contents(api, resolve(api, operation.requestBody)?.content);
  return make("section", { id },
    make("h3", {}, make("span", { class: "method" }, method.toUpperCase()), make("code", { class: "path" }, path)),
    make("p", {}, operation.summary || "", isOpen ? make("span", { class: "soft" }, " (needs no key)") : ""),
    ...prose(operation.description),
    make("pre", {}, curlLine(path, method, operation, isOpen)),
    parameters(api, list),
    body.length ? make("h4", {}, "Body") : null, ...body,
    make("h4", {}, "Answers"), ...answers);
}

/** [group, [operations]] in the order of the document. */
function grouped(api) {
  const groups = new Map((api.tags || []).map((tag) => [tag.name, []]));
  for (const [path, item] of Object.entries(api.paths || {})) {
    for (const method of methods.filter((one) => item[one])) {
      const group = item[method].tags?.[0] || "Other";
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push({ path, method, item });
    }
  }
  return [...groups].filter(([, operations]) => operations.length > 0);
}

function show(api) {
  const main = document.getElementById("document");
  const nav = document.getElementById("contents");
  document.getElementById("state").replaceWith(
    make("p", { class: "soft" }, `Version ${api.info.version}. As a file for tools: `,
      make("a", { href: "openapi.json" }, "openapi.json")), ...prose(api.info.description));
  for (const [group, operations] of grouped(api)) {
    main.append(make("h2", {}, group),
      ...operations.map(({ path, method, item }) => showOperation(api, path, method, item)));
    nav.append(make("b", {}, group), make("ul", {}, ...operations.map(({ path, method, item }) =>
      make("li", {}, make("a", { href: `#${item[method].operationId}` }, item[method].summary || path)))));
  }
  main.append(make("h2", {}, "Schemas"));
  for (const [name, schema] of Object.entries(api.components?.schemas || {})) {
    main.append(make("section", { id: `schema-${name}` }, make("h3", {}, name),
      ...prose(schema.description), fieldsOf(api, schema) || make("p", {}, typeOf(schema))));
  }
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

async function start() {
  try {
    const answer = await fetch("openapi.json");
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    show(await answer.json());
  } catch (error) {
    document.getElementById("state").textContent = `openapi.json cannot be shown: ${error.message}`;
  }
}

start();

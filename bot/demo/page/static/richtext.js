// Draws rich text: parts (paragraph, preformatted, quote, list) of inline elements that the server has put in words.

import { el, link } from "./dom.js";

const TAGS = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };
const MENTIONS = ["user", "usergroup", "broadcast", "channel"];
const BAR = /[▓█▒]+[░]*|[░]+/gu;

export function rich(parts) {
  return (parts || []).map(part);
}

function part(item) {
  if (item.type === "preformatted") {
    return el("pre", { tabindex: "0" }, el("code", {}, item.elements.map((one) => inline(one, true))));
  }
  if (item.type === "quote") return el("blockquote", {}, item.elements.map((one) => inline(one)));
  if (item.type === "list") {
    const list = el(item.ordered ? "ol" : "ul", {}, item.items.map((one) => el("li", {}, one.map((e) => inline(e)))));
    if (item.ordered && item.first > 1) list.setAttribute("start", item.first);
    list.style.setProperty("--indent", item.indent);
    return list;
  }
  return el("p", { class: "text" }, item.elements.map((one) => inline(one)));
}

function inline(element, plain = false) {
  let node;
  if (element.url) node = link(element.url, element.text);
  else if (MENTIONS.includes(element.type)) node = el("span", { class: `mention ${element.me ? "me" : element.type}` }, element.text);
  else if (element.type === "date") node = el("time", {}, element.text);
  else node = !plain && (element.style || []).includes("code") ? words(element.text) : bars(element.text);
  for (const name of element.style || []) {
    if (TAGS[name] && !(plain && name === "code")) node = el(TAGS[name], {}, node);
  }
  return node;
}

// A word of a command stays whole where it fits into a line: a browser would break it after each of its dashes.
function words(text) {
  return el("span", {}, text.split(/(\s+)/).map((run) => (run.trim() ? el("span", { class: "word" }, run) : run)));
}

// A run of ▓ and ░ is drawn as a bar that is exactly as wide as its characters; copying still gives the characters.
function bars(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(BAR)) {
    const empty = (match[0].match(/░/gu) || []).length;
    const all = match[0].length;
    if (all < 5) continue;
    nodes.push(text.slice(end, match.index), bar(match[0].slice(0, all - empty), match[0].slice(all - empty)));
    end = match.index + all;
  }
  if (!end) return document.createTextNode(text);
  nodes.push(text.slice(end));
  return el("span", {}, nodes);
}

function bar(full, rest) {
  const share = Math.round((100 * full.length) / (full.length + rest.length));
  const half = (kind, run) => {
    const piece = el("span", { class: kind }, run);
    piece.style.setProperty("--run", run.length);
    return piece;
  };
  return el("span", { class: "bar", role: "img", "aria-label": `bar: ${share} %` },
    full && half("full", full), rest && half("rest", rest));
}

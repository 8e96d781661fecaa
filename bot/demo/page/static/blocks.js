// Draws blocks.

import { chart } from "./chart.js";
import { control } from "./controls.js";
import { el, newId } from "./dom.js";
import { rich } from "./richtext.js";

export function blocks(list, form) {
  return list.map((block) => {
    const draw = DRAWN[block.type] || unknown;
    const node = draw(block, form);
    node.classList.add("block", block.type);
    node.dataset.block = block.block_id || "";
    return node;
  });
}

function section(block, form) {
  const fields = block.fields.length ? el("div", { class: "fields" }, block.fields.map((f) => el("div", {}, rich(f)))) : null;
  const text = el("div", { class: "grow" }, rich(block.rich), fields);
  return el("div", {}, text, block.accessory && el("div", { class: "accessory" }, control(block.accessory, form)));
}

function header(block) {
  return el("h3", {}, block.text);
}

function divider() {
  return el("hr");
}

function context(block) {
  return el("div", {}, block.items.map((item) =>
    item.type === "image" ? el("img", { src: item.url, alt: item.alt }) : el("div", {}, rich(item.rich))));
}

function actions(block, form) {
  return el("div", {}, block.elements.map((element) => control(element, form)));
}

function image(block) {
  return el("figure", {}, block.title && el("figcaption", {}, block.title), el("img", { src: block.url, alt: block.alt }));
}

function richText(block) {
  return el("div", {}, rich(block.rich));
}

function table(block) {
  const looks = (column = {}) => [column.wrapped && "wrapped", column.right && "right"].filter(Boolean).join(" ");
  const rows = block.rows.map((row, place) =>
    el("tr", {}, row.map((cell, at) => el(place === 0 ? "th" : "td", { class: looks(block.columns[at]) }, rich(cell)))));
  return el("div", { tabindex: "0", role: "region", "aria-label": "Table" }, el("table", {}, rows));
}

function input(block, form) {
  const id = newId("label");
  const node = control(block.element, form);
  const target = node.matches("input, select, textarea, fieldset") ? node : node.querySelector("input");
  target?.removeAttribute("aria-label");
  target?.setAttribute("aria-labelledby", id);
  const label = el("span", { class: "field-label", id }, block.label, block.optional && el("small", {}, " (optional)"));
  return el("div", {}, label, node, block.hint && el("p", { class: "hint" }, block.hint));
}

function alert(block) {
  return el("div", { role: "note", "data-level": block.level }, rich(block.rich));
}

function unknown(block) {
  return el("p", { class: "muted" }, `(a part of this message cannot be shown here: ${block.type})`);
}

const DRAWN = { section, header, divider, context, actions, image, rich_text: richText, table, input, alert, data_visualization: chart };

// Draws a chart of lines as Slack's clients do: the lines, their axes, and a legend. Other charts are listed.

import { el } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 560, HIGH = 250, LEFT = 58, RIGHT = 14, TOP = 10, BOTTOM = 44;
const STEPS = 4, LABELS = 6;

export function chart(block) {
  const lines = block.chart.series || [];
  const title = el("figcaption", {}, block.title);
  if (block.chart.type !== "line") return el("figure", {}, title, el("p", {}, `(${block.chart.type})`));
  return el("figure", {}, title, picture(block), legend(lines));
}

function svg(tag, props, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function picture({ title, chart: { series, axis_config: axes } }) {
  const most = top(Math.max(1, ...series.flatMap((one) => one.data.map((point) => point.value))));
  const count = axes.categories.length;
  const x = (place) => LEFT + ((WIDE - LEFT - RIGHT) * (count > 1 ? place / (count - 1) : 0.5));
  const y = (value) => HIGH - BOTTOM - ((HIGH - TOP - BOTTOM) * value) / most;
  const node = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": title });
  for (let step = 0; step <= STEPS; step += 1) {
    const value = (most * step) / STEPS;
    node.append(svg("line", { class: "grid", x1: LEFT, x2: WIDE - RIGHT, y1: y(value), y2: y(value) }));
    node.append(svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, short(value)));
  }
  const every = Math.ceil(count / LABELS);
  axes.categories.forEach((label, place) => {
    if (place % every === 0) node.append(svg("text", { x: x(place), y: HIGH - BOTTOM + 17, "text-anchor": "middle" }, label));
  });
  if (axes.x_label) node.append(svg("text", { x: (LEFT + WIDE) / 2, y: HIGH - 6, "text-anchor": "middle" }, axes.x_label));
  if (axes.y_label) node.append(svg("text", { transform: `translate(11 ${(HIGH - BOTTOM) / 2}) rotate(-90)`, "text-anchor": "middle" }, axes.y_label));
  series.forEach((one, number) => {
    const points = one.data.map((point, place) => `${x(place)},${y(point.value)}`).join(" ");
    node.append(svg("polyline", { class: `line series-${number}`, points }));
    const last = one.data.length - 1;
    node.append(svg("circle", { class: `series-${number}`, cx: x(last), cy: y(one.data[last].value), r: 2.5 }));
  });
  return node;
}

function legend(series) {
  return el("ul", { class: "legend" }, series.map((one, number) =>
    el("li", {}, el("span", { class: `swatch series-${number}`, "aria-hidden": "true" }), one.name)));
}

function top(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((times) => times * size).find((round) => round >= value);
}

function short(value) {
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

// The simulator's panel: its time, its workflows, its troubles. It is there only where the server has a simulator.

import { ApiError, get, post } from "./api.js";
import { el, toast } from "./dom.js";
import { Happen } from "./happen.js";

const SPEEDS = [1, 10, 60, 600];
const JUMPS = [["+1 h", 3600], ["+1 day", 86400]];
const BASE = "/demo/simulator";

export class Panel {
  constructor(box, close) {
    this.box = box;
    this.chosen = null;
    this.timer = null;
    this.drawn = "";
    this.state = null;
    this.time = el("p", { class: "clock" });
    this.speeds = el("div", { class: "segments", role: "group", "aria-label": "Speed" });
    this.jumps = el("div", { class: "row" });
    this.happen = new Happen((path, body) => this.send(path, body));
    this.workflows = el("ul", { class: "workflows" });
    this.count = el("small", { class: "muted" });
    this.troubles = el("div", {});
    box.append(
      el("header", { class: "pane-head" }, el("h2", {}, "Simulator"),
        el("button", { type: "button", class: "icon", "aria-label": "Close the simulator", onclick: close }, "✕")),
      el("div", { class: "pane-body" },
        el("section", {}, el("h3", {}, "Simulated time and its speed"), this.time, this.speeds, this.jumps),
        this.happen.node,
        el("details", {}, el("summary", {}, el("h3", {}, "Trouble at the API"), this.count), this.troubles),
        el("section", {}, el("h3", {}, "Workflows at PlanetScale"), this.workflows)),
    );
    for (const speed of SPEEDS) {
      this.speeds.append(el("button", { type: "button", "data-speed": speed, onclick: () => this.send("speed", { speed }) }, `${speed}×`));
    }
    for (const [label, seconds] of JUMPS) {
      this.jumps.append(el("button", { type: "button", class: "btn", onclick: () => this.send("advance", { seconds }) }, label));
    }
  }

  // True where there is a simulator.
  async available() {
    try {
      this.draw(await get(BASE));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.status !== 404;
    }
  }

  show(open) {
    this.box.hidden = !open;
    clearInterval(this.timer);
    if (open) {
      this.refresh();
      this.timer = setInterval(() => document.hidden || this.refresh(), 1000);
    }
  }

  async refresh() {
    try {
      this.draw(await get(BASE));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.time.textContent = error.message;
    }
  }

  async send(path, body) {
    try {
      await post(`${BASE}/${path}`, body);
    } catch (error) {
      toast(error.message);
    }
    await this.refresh();
  }

  draw(state) {
    this.state = state;
    const now = new Date(state.now);
    const day = now.toLocaleDateString("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric" });
    this.time.replaceChildren(el("span", {}, day), el("strong", {}, `${now.toISOString().slice(11, 19)} UTC`));
    for (const button of this.speeds.children) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === state.speed));
    }
    const rest = JSON.stringify([state.workflows, state.troubles, state.free, this.chosen]);
    if (rest === this.drawn) return;
    this.drawn = rest;
    const focused = this.box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.happen.draw(state);
    this.drawWorkflows(state);
    const troubles = state.troubles.filter((one) => one.scope === "api");
    const on = troubles.filter((one) => one.on).length;
    this.count.textContent = on ? `${on} on` : "none";
    this.troubles.replaceChildren(...troubles.map((one) => this.trouble(one)));
    if (focused) this.box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  drawWorkflows(state) {
    const key = (one) => `${one.database} ${one.number}`;
    const rank = (one) => (one.ended ? 1 : 0);
    const sorted = [...state.workflows].sort((a, b) => rank(a) - rank(b));
    if (!sorted.some((one) => key(one) === this.chosen)) this.chosen = null;
    this.workflows.replaceChildren(...sorted.map((one) => {
      const open = key(one) === this.chosen;
      const choose = () => {
        this.chosen = open ? null : key(one);
        this.draw(this.state); // the newest one: `state` is from when this card was drawn
      };
      const percent = typeof one.percent === "number" && one.percent < 100 && !one.ended ? Math.floor(one.percent) : null;
      const head = el("button", { type: "button", class: "workflow", "aria-expanded": String(open), "data-key": key(one), onclick: choose },
        el("span", { class: "chevron", "aria-hidden": "true" }, open ? "▾" : "▸"),
        el("span", { class: "name" }, `${one.database} #${one.number} `, el("span", {}, one.name)),
        el("span", { class: "state" }, words(one.state), one.throttled && " · throttled", percent !== null && ` · ${percent} %`),
        percent !== null && el("progress", { max: 100, value: percent, "aria-label": `${percent} % copied` }));
      return el("li", {}, head, open && this.details(one, state));
    }));
  }

  details(workflow, state) {
    const where = { database: workflow.database, number: workflow.number };
    const here = (trouble) => (trouble.at || []).some((at) => at.database === where.database && at.number === where.number);
    const troubles = state.troubles.filter((one) => one.scope === "workflow")
      .map((one) => this.trouble({ ...one, on: one.at ? here(one) : one.on }, where));
    const actions = (workflow.actions || []).map((action) =>
      el("button", { type: "button", class: "btn small", "data-key": `do ${action}`, onclick: () => this.send("outside", { ...where, action }) }, action));
    return el("div", { class: "details" },
      el("h4", {}, "Do it outside the bot"),
      actions.length ? el("div", { class: "row" }, actions) : el("p", { class: "muted" }, "Nothing can be done in this state."),
      el("h4", {}, "Trouble here"), troubles);
  }

  trouble(one, where = {}) {
    const label = el("span", {}, one.label, el("small", {}, one.help));
    const key = `trouble ${one.id} ${where.database || ""} ${where.number || ""}`;
    const change = (on) => this.send("trouble", { id: one.id, on, ...where });
    const input = el("input", { type: "checkbox", role: "switch", "data-key": key, checked: Boolean(one.on) });
    input.addEventListener("change", () => change(input.checked));
    const once = one.kind === "once" && el("em", {}, one.on ? "armed" : "once");
    return el("label", { class: "switch" }, input, label, once);
  }
}

function words(state) {
  return String(state).replaceAll("_", " ");
}

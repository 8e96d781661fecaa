// The panel's short cuts: choose a workflow, and make something happen to it, or to PlanetScale, with one click.

import { el } from "./dom.js";

const key = (one) => `${one.database} ${one.number}`;

export class Happen {
  // `send(path, body)`: tell the simulator
  constructor(send) {
    this.send = send;
    this.state = null;
    this.offered = "";
    this.select = el("select", { "aria-label": "Workflow", onchange: () => this.draw(this.state) });
    this.trouble = el("div", { class: "row" });
    this.outside = el("div", { class: "row" });
    this.node = el("section", { class: "happen" }, el("h3", {}, "Make something happen"), this.select, this.trouble,
      el("h4", {}, "Outside the bot, as dev@acme"), this.outside);
  }

  draw(state) {
    this.state = state;
    const active = state.workflows.filter((one) => !one.ended);
    this.offer(active);
    const chosen = active.find((one) => key(one) === this.select.value);
    this.trouble.replaceChildren(...(chosen ? this.troubles(chosen) : []), this.outage());
    this.outside.replaceChildren(...(chosen ? this.actions(chosen) : []),
      ...state.free.map((database) => this.button(`create in ${database}`, () => this.send("outside", { action: "create", database }))));
  }

  // The list is filled anew only when other workflows are in it, so that it does not close while it is open.
  offer(active) {
    const offered = active.map(key).join();
    if (offered === this.offered) return;
    const before = this.select.value;
    const first = active.find((one) => one.state === "copying" && !one.throttled) || active[0];
    this.offered = offered;
    this.select.replaceChildren(...active.map((one) => el("option", { value: key(one) }, `${one.database} #${one.number} ${one.name}`)));
    this.select.value = active.some((one) => key(one) === before) ? before : first ? key(first) : "";
  }

  troubles(chosen) {
    const where = { database: chosen.database, number: chosen.number };
    const tell = (id, on) => () => this.send("trouble", { id, on, ...where });
    const copies = chosen.state === "copying";
    return [
      this.button(chosen.throttled ? "Stop throttling" : "Throttle", tell("throttle", !chosen.throttled), { alarm: chosen.throttled, disabled: !copies && !chosen.throttled }),
      this.button("Error", tell("error", true), { disabled: chosen.state === "error" }),
      this.button("Error, no retry", tell("error-for-good", true), { disabled: chosen.state === "error" }),
      this.button("Schema change", tell("ddl", true), { disabled: chosen.state === "stopped" }),
    ];
  }

  outage() {
    const down = this.state.troubles.some((one) => one.id === "down" && one.on);
    return this.button(down ? "PlanetScale: back up" : "PlanetScale: down", () => this.send("trouble", { id: "down", on: !down }), { alarm: down });
  }

  actions(chosen) {
    const where = { database: chosen.database, number: chosen.number };
    return chosen.actions.map((action) => this.button(action, () => this.send("outside", { ...where, action })));
  }

  button(label, pressed, { alarm = false, disabled = false } = {}) {
    const look = alarm ? "btn small danger" : "btn small";
    return el("button", { type: "button", class: look, "data-key": `happen ${label}`, disabled, onclick: pressed }, label);
  }
}

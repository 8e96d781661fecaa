// The form that the app opened.

import { ApiError, post } from "./api.js";
import { blocks } from "./blocks.js";
import { shown } from "./confirm.js";
import { el, newId } from "./dom.js";

// The one form that can be open. What was typed stays when the app changes the form around it.
export class Form {
  constructor(context) {
    this.context = context;
    this.view = null;
    this.dialog = null;
    this.values = new Map();
  }

  show(view) {
    if (!view) return this.drop();
    if (this.view && this.view.id === view.id && this.view.hash === view.hash) return undefined;
    if (!this.view || this.view.id !== view.id) this.values.clear();
    this.view = view;
    if (!this.dialog) {
      this.dialog = el("dialog", { class: "form" });
      this.dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        this.close();
      });
      shown(this.dialog);
    }
    return this.draw();
  }

  drop() {
    const { dialog } = this;
    this.view = this.dialog = null;
    this.values.clear();
    dialog?.close();
  }

  draw() {
    const { view } = this;
    const focused = document.activeElement?.closest?.("[data-control]")?.dataset.control;
    const heading = newId("form");
    const body = el("div", { class: "body" }, blocks(view.blocks, this.hooks()));
    const cancel = el("button", { type: "button", class: "btn", onclick: () => this.close() }, view.close || "Cancel");
    const send = view.submit && el("button", { type: "submit", class: "btn primary" }, view.submit);
    const form = el("form", { novalidate: true }, el("h2", { id: heading }, view.title), body,
      el("p", { class: "failed", role: "alert", hidden: true }), el("div", { class: "buttons" }, cancel, send));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(form, send);
    });
    this.dialog.setAttribute("aria-labelledby", heading);
    this.dialog.replaceChildren(form);
    const again = focused && form.querySelector(`[data-control="${CSS.escape(focused)}"]`);
    (again || form.querySelector("input, select, textarea") || cancel).focus();
  }

  hooks() {
    const key = (element) => JSON.stringify([element.block_id, element.action_id]);
    const place = { user: this.context.user(), view_id: this.view.id };
    const dispatched = new Set(this.view.blocks.filter((block) => block.dispatch).map((block) => block.block_id));
    const inputs = new Set(this.view.blocks.filter((block) => block.type === "input").map((block) => block.block_id));
    const send = (element, value) =>
      post("/demo/press", { ...place, block_id: element.block_id, action_id: element.action_id, value, values: this.given() });
    return {
      people: this.context.people(),
      value: (element) => (this.values.has(key(element)) ? this.values.get(key(element)) : element.initial),
      press: send,
      options: async (element, text) => {
        const ask = { ...place, block_id: element.block_id, action_id: element.action_id, text };
        return (await post("/demo/options", ask)).options;
      },
      // true: the value is kept and needs no press
      change: (element, value, finished = element.type !== "plain_text_input" && element.type !== "number_input") => {
        this.values.set(key(element), value);
        return inputs.has(element.block_id) && !(finished && dispatched.has(element.block_id));
      },
    };
  }

  given() {
    const values = {};
    for (const [key, value] of this.values) {
      const [block, action] = JSON.parse(key);
      values[block] = { ...values[block], [action]: value };
    }
    return values;
  }

  async submit(form, button) {
    button.disabled = true;
    this.mark(form, {});
    const told = form.querySelector("form > .failed");
    told.hidden = true;
    try {
      await post("/demo/view/submit", { user: this.context.user(), view_id: this.view.id, values: this.given() });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.errors) this.mark(form, error.errors);
      else {
        told.textContent = error.message;
        told.hidden = false;
      }
    } finally {
      button.disabled = false;
    }
  }

  mark(form, errors) {
    for (const old of form.querySelectorAll(".field-error")) old.remove();
    for (const field of form.querySelectorAll(".block.input")) {
      const text = errors[field.dataset.block];
      const input = field.querySelector("input, select, textarea");
      if (!text) {
        input?.removeAttribute("aria-invalid");
        continue;
      }
      const id = newId("error");
      field.append(el("p", { class: "field-error", id, role: "alert" }, text));
      input?.setAttribute("aria-invalid", "true");
      input?.setAttribute("aria-describedby", id);
    }
    form.querySelector("[aria-invalid]")?.focus();
  }

  async close() {
    const { view } = this;
    this.drop();
    await post("/demo/view/close", { user: this.context.user(), view_id: view.id }).catch(() => undefined);
  }
}

// Where people type: history, completion of commands, sending and what went wrong.

import { get } from "./api.js";
import { el, newId } from "./dom.js";

const COMMAND = "/workflow";
const START = { word: COMMAND, help: "Work with PlanetScale workflows", literal: true };

export class Composer {
  // `send(text)` resolves when it was taken, and rejects with a sentence.
  constructor(box, { inputId, label, send, commands }) {
    this.send = send;
    this.commands = commands;
    this.history = [];
    this.place = 0;
    this.found = [];
    this.active = -1;
    this.asking = null;
    const listId = newId("completions");
    this.list = el("ul", { id: listId, class: "completions", role: "listbox", "aria-label": "What can come next", hidden: true });
    this.input = el("textarea", {
      id: inputId, rows: 1, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": label, placeholder: label,
      role: commands ? "combobox" : null, "aria-expanded": commands ? "false" : null,
      "aria-controls": commands ? listId : null, "aria-autocomplete": commands ? "list" : null,
    });
    this.button = el("button", { type: "submit", class: "btn primary", "aria-label": "Send" }, "Send");
    this.status = el("p", { class: "composer-status", role: "status" });
    const form = el("form", { class: "composer" }, this.list, el("div", { class: "line" }, this.input, this.button), this.status);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(this.input.value);
    });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    box.replaceChildren(form);
  }

  label(text) {
    this.input.placeholder = text;
    this.input.setAttribute("aria-label", text);
  }

  fill(text) {
    this.input.value = text;
    this.grow();
    this.input.focus();
    this.typed();
  }

  typed() {
    this.grow();
    this.say("");
    if (this.commands) this.complete();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }

  say(text, wrong = false) {
    this.status.textContent = text;
    this.status.classList.toggle("wrong", wrong);
  }

  async submit(typed) {
    const text = typed.trim();
    if (!text || this.busy) return;
    this.busy = true;
    this.history.push(text);
    this.place = this.history.length;
    this.close();
    this.input.value = "";
    this.grow();
    this.say("Sending …");
    try {
      await this.send(text);
      this.say("");
    } catch (error) {
      if (!this.input.value) this.input.value = text;
      this.grow();
      this.say(error.message, true);
    } finally {
      this.busy = false;
    }
  }

  // completion

  async complete() {
    const text = this.input.value;
    this.asking?.abort();
    if (!text.startsWith("/") || text.includes("\n") || this.input.selectionEnd !== text.length) return this.close();
    if (!text.startsWith(`${COMMAND} `)) return this.offer(COMMAND.startsWith(text) ? [START] : []);
    const asking = (this.asking = new AbortController());
    try {
      const found = await get("/demo/complete", { text: text.slice(COMMAND.length + 1) }, asking.signal);
      if (!asking.signal.aborted) this.offer(found.completions);
    } catch {
      if (!asking.signal.aborted) this.close();
    }
    return undefined;
  }

  offer(found) {
    this.found = found.slice(0, 30);
    this.active = -1;
    this.list.replaceChildren(...this.found.map((item) => {
      const option = el("li", { id: newId("option"), role: "option", "aria-selected": "false", "aria-disabled": item.literal ? null : "true" },
        el("span", { class: "word" }, item.word), el("span", { class: "help" }, item.help));
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        if (item.literal) this.accept(item);
      });
      return option;
    }));
    this.list.hidden = !this.found.length;
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.asking?.abort();
    if (this.commands) this.offer([]);
  }

  move(step) {
    const usable = this.found.map((item, place) => place).filter((place) => this.found[place].literal);
    if (!usable.length) return;
    const now = usable.indexOf(this.active);
    const next = now < 0 ? (step > 0 ? 0 : usable.length - 1) : (now + step + usable.length) % usable.length;
    this.active = usable[next];
    [...this.list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === this.active));
      if (place === this.active) {
        this.input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    });
  }

  accept(item) {
    const text = this.input.value;
    const kept = item === START ? "" : text.slice(0, text.length - (text.match(/\S*$/) || [""])[0].length);
    this.fill(`${kept}${item.word}${item.word.endsWith("=") ? "" : " "}`);
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const chosen = this.found[this.active];
    const first = this.found.find((item) => item.literal);
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && chosen) this.accept(chosen);
      else this.submit(this.input.value);
    } else if (event.key === "Tab" && !event.shiftKey && open && (chosen || first)) {
      event.preventDefault();
      this.accept(chosen || first);
    } else if (event.key === "Escape" && open) {
      this.close();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      this.arrow(event, open);
    }
  }

  arrow(event, open) {
    const step = event.key === "ArrowUp" ? -1 : 1;
    if (open && first(this.found)) {
      event.preventDefault();
      this.move(step);
    } else if (this.recalled() && this.history[this.place + step] !== undefined) {
      event.preventDefault();
      this.place += step;
      this.input.value = this.history[this.place];
      this.grow();
    } else if (step > 0 && this.recalled() && this.input.value) {
      event.preventDefault();
      this.place = this.history.length;
      this.input.value = "";
      this.grow();
    }
  }

  // Whether what stands there is nothing, or came from the history unchanged.
  recalled() {
    return !this.input.value || this.input.value === this.history[this.place];
  }
}

function first(found) {
  return found.some((item) => item.literal);
}

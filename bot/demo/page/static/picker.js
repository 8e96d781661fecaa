// A searchable list of options, one or several of which can be chosen. Options may come from the app.

import { el, newId } from "./dom.js";

export function picker({ label, several, known, held, least, load, changed }) {
  const names = new Map(known.map((option) => [option.value, option.text]));
  const chosen = new Set(held);
  const group = newId("pick");
  const search = el("input", { type: "search", placeholder: label, "aria-label": label, autocomplete: "off" });
  const list = el("fieldset", { class: "options", "aria-label": label });
  const note = el("p", { class: "muted", role: "status" });
  const tags = el("p", { class: "tags", "aria-live": "polite" });
  const box = el("div", { class: "picker" }, tags, search, list, note);
  let asked = 0;

  const tell = () => {
    drawTags();
    const values = [...chosen];
    changed(several ? values : values[0] ?? null, box);
  };
  const drawTags = () => {
    tags.hidden = chosen.size === 0;
    tags.replaceChildren(...[...chosen].map((value) => {
      const name = names.get(value) || value;
      const remove = () => {
        chosen.delete(value);
        tell();
        for (const input of list.querySelectorAll("input")) input.checked = chosen.has(input.value);
      };
      return el("button", { type: "button", class: "tag", "aria-label": `Remove ${name}`, onclick: remove }, `${name} ✕`);
    }));
  };
  const drawOption = (option) => {
    names.set(option.value, option.text);
    const input = el("input", { type: several ? "checkbox" : "radio", name: group, value: option.value });
    input.checked = chosen.has(option.value);
    input.addEventListener("change", () => {
      if (!several) chosen.clear();
      if (input.checked) chosen.add(option.value);
      else chosen.delete(option.value);
      tell();
    });
    return el("label", {}, input, el("span", {}, option.text));
  };
  const refresh = async () => {
    const text = search.value.trim();
    asked += 1;
    const mine = asked;
    if (text.length < least) {
      list.replaceChildren();
      note.textContent = `Type ${least === 1 ? "a character" : `${least} characters`} to search.`;
      return;
    }
    note.textContent = "Loading …";
    try {
      const options = await load(text);
      if (mine !== asked) return;
      list.replaceChildren(...options.map(drawOption));
      note.textContent = options.length ? "" : "Nothing found.";
    } catch (error) {
      if (mine === asked) note.textContent = error.message;
    }
  };
  let waiting = null;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 120);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  drawTags();
  refresh();
  return box;
}

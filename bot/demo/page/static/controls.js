// Draws what can be pressed, chosen or typed into. `form` says what happens then:
//   press(element, value)  tell the app        change(element, value)  keep a value until the form is sent
//   value(element)         what it holds now   options(element, text)  options from the app   people  for pickers
//   folded  a list from the app is asked for only once it is opened

import { confirm } from "./confirm.js";
import { el, newId, toast } from "./dom.js";
import { menu } from "./menu.js";
import { picker } from "./picker.js";

export function control(element, form) {
  const draw = DRAWN[element.type];
  if (!draw) return el("em", { class: "muted" }, `(${element.type}: not shown here)`);
  const node = draw(element, form);
  node.dataset.control = `${element.block_id} ${element.action_id}`;
  return node;
}

// Asks first where the app wants that, shows that it is under way, and says what went wrong.
async function act(element, form, node, value) {
  if (element.confirm && !(await confirm(element.confirm))) return false;
  const around = node.closest(".block") || node.parentElement;
  around?.querySelector(".failed")?.remove();
  node.setAttribute("aria-busy", "true");
  node.disabled = true;
  try {
    await form.press(element, value);
  } catch (error) {
    // While the question was open the message may have been drawn anew, without this button.
    if (node.isConnected) around?.append(el("p", { class: "failed", role: "alert" }, error.message));
    else toast("Nothing was done: the message has changed meanwhile.");
  } finally {
    node.removeAttribute("aria-busy");
    node.disabled = false;
  }
  return true;
}

function button(element, form) {
  const look = element.style ? `btn ${element.style}` : "btn";
  const node = el("button", { type: "button", class: look }, element.label);
  node.addEventListener("click", async () => {
    if ((await act(element, form, node, null)) && element.url) window.open(element.url, "_blank", "noopener");
  });
  return node;
}

function overflow(element, form) {
  const node = el("button", { type: "button", class: "btn more", "aria-label": "More" }, "⋯");
  return menu(node, element.options, (value) => act(element, form, node, value));
}

function select(element, form) {
  const people = element.type === "users_select" ? form.people : null;
  const options = people ? people.map((person) => ({ value: person.id, text: person.name })) : element.options;
  const choice = (option) => el("option", { value: option.value }, option.text);
  const groups = element.groups.map((group) => el("optgroup", { label: group.label }, group.options.map(choice)));
  const label = element.label || "Choose …";
  const node = el("select", { "aria-label": label }, el("option", { value: "" }, label), options.map(choice), groups);
  node.value = form.value(element) ?? "";
  node.addEventListener("change", async () => {
    const before = form.value(element) ?? "";
    const done = form.change(element, node.value || null) || (await act(element, form, node, node.value));
    if (!done) node.value = before;
  });
  return node;
}

function typed(element, form) {
  const long = element.multiline;
  const kinds = { number_input: "number", datepicker: "date", timepicker: "time" };
  const node = el(long ? "textarea" : "input", {
    type: long ? null : kinds[element.type] || "text",
    step: element.type === "number_input" ? "any" : null,
    rows: long ? 4 : null,
    placeholder: element.label || null,
    maxlength: element.max_length || 3000,
    "aria-label": element.label || "Text",
    value: form.value(element) ?? "",
  });
  node.addEventListener("input", () => form.change(element, node.value));
  node.addEventListener("change", () => form.change(element, node.value, true) || act(element, form, node, node.value));
  return node;
}

function choices(element, form) {
  const several = element.type === "checkboxes";
  const name = newId("choice");
  const held = new Set([form.value(element) ?? []].flat());
  const box = el("fieldset", { class: "choices" });
  for (const option of element.options) {
    const input = el("input", { type: several ? "checkbox" : "radio", name, value: option.value });
    input.checked = held.has(option.value);
    input.addEventListener("change", () => {
      const chosen = [...box.querySelectorAll("input:checked")].map((one) => one.value);
      const value = several ? chosen : chosen[0];
      if (!form.change(element, value)) act(element, form, box, value);
    });
    const about = option.description && el("small", {}, option.description);
    box.append(el("label", {}, input, el("span", {}, option.text, about)));
  }
  return box;
}

function picked(element, form) {
  const external = element.type.includes("external");
  if (external && form.folded) return folded(element.label || "Choose …", () => picked(element, { ...form, folded: false }));
  const fixed = [...element.options, ...element.groups.flatMap((group) => group.options)];
  const people = (form.people || []).map((person) => ({ value: person.id, text: person.name }));
  const local = element.type.includes("users") ? people : fixed;
  const matching = (text) => local.filter((option) => option.text.toLowerCase().includes(text.toLowerCase()));
  return picker({
    label: element.label || "Search …",
    several: element.type.startsWith("multi_"),
    known: local,
    held: [form.value(element) ?? []].flat(),
    least: external ? element.min_query_length ?? 3 : 0,
    load: async (text) => (external ? form.options(element, text) : matching(text)),
    changed: (value, node) => form.change(element, value) || act(element, form, node, value),
  });
}

function folded(label, draw) {
  const node = el("details", { class: "folded" }, el("summary", { class: "btn" }, label));
  node.addEventListener("toggle", () => node.open && node.children.length < 2 && node.append(draw()));
  node.addEventListener("toggle", () => node.scrollIntoView({ block: "center" }));
  return node;
}

function image(element) {
  return el("img", { class: "thumb", src: element.url, alt: element.alt });
}

const DRAWN = {
  button, overflow, image,
  static_select: select, users_select: select,
  plain_text_input: typed, number_input: typed, datepicker: typed, timepicker: typed,
  checkboxes: choices, radio_buttons: choices,
  external_select: picked, multi_external_select: picked, multi_static_select: picked, multi_users_select: picked,
};

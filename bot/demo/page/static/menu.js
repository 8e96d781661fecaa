// A button with a small menu of options.

import { el } from "./dom.js";

export function menu(button, options, chosen) {
  const list = el("ul", { role: "menu", class: "menu", hidden: true });
  const box = el("span", { class: "menu-box" }, button, list);
  button.setAttribute("aria-haspopup", "menu");
  const show = (open) => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) list.querySelector("button").focus();
  };
  show(false);
  for (const option of options) {
    const item = el("button", { type: "button", role: "menuitem" }, option.text,
      option.description && el("small", {}, option.description));
    item.addEventListener("click", () => {
      show(false);
      button.focus();
      chosen(option.value);
    });
    list.append(el("li", { role: "none" }, item));
  }
  button.addEventListener("click", () => show(list.hidden));
  box.addEventListener("keydown", (event) => {
    const items = [...list.querySelectorAll("button")];
    const place = items.indexOf(document.activeElement);
    if (event.key === "Escape" && !list.hidden) {
      show(false);
      button.focus();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show(true);
      else items.at((place + (event.key === "ArrowDown" ? 1 : -1)) % items.length).focus();
    }
  });
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) show(false);
  });
  return box;
}

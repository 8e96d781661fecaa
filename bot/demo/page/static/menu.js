// A button with a small menu of options.

import { el } from "./dom.js";

export function menu(button, options, chosen) {
  const list = el("ul", { role: "menu", class: "menu", hidden: true });
  const box = el("span", { class: "menu-box" }, button, list);
  button.setAttribute("aria-haspopup", "menu");
  const show = (open) => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      turn(list);
      list.querySelector("button").focus();
    }
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

// Upwards where the end of the list is out of sight below, unless its beginning then is above.
function turn(list) {
  const seen = (edge, inwards) => {
    const place = list.getBoundingClientRect();
    return list.contains(document.elementFromPoint(place.left + 9, place[edge] + inwards));
  };
  list.classList.remove("up");
  if (seen("bottom", -3)) return;
  list.classList.add("up");
  if (!seen("top", 3)) list.classList.remove("up");
}

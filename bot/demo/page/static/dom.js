// Builds elements. Texts become text nodes and nothing else: no data is ever read as markup.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "value" || name === "checked" || name === "disabled" || name === "selected") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SAFE = ["http:", "https:", "mailto:", "tel:"];

// A link that opens elsewhere; a permalink of this page is opened by the page itself. Anything else is plain text.
export function link(url, label) {
  let target;
  try {
    target = new URL(url, location.origin);
  } catch {
    return el("span", {}, label);
  }
  if (!SAFE.includes(target.protocol)) return el("span", {}, label);
  const inside = target.origin === location.origin && target.pathname.startsWith("/archives/");
  const props = inside ? { "data-permalink": target.pathname + target.search } : { target: "_blank", rel: "noopener noreferrer" };
  return el("a", { href: target.href, ...props }, label);
}

let counter = 0;
export function newId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

export function toast(text) {
  const note = el("p", {}, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 8000);
}

export function avatar(name, app = false) {
  const initials = name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const node = el("span", { class: app ? "avatar app" : "avatar", "aria-hidden": "true" }, initials);
  node.style.setProperty("--hue", (name.charCodeAt(0) * 101) % 360);
  return node;
}

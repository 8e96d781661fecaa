// "⋯" beside a message: the app's message shortcuts, named as in its manifest.

import { get, post } from "./api.js";
import { el, toast } from "./dom.js";
import { menu } from "./menu.js";

const SHORTCUTS = await get("/page/shortcuts.json").catch(() => []);

export function more(message, user) {
  if (!SHORTCUTS.length) return null;
  const label = `More actions on the message of ${message.name}, ${message.time}`;
  const button = el("button", { type: "button", class: "tool", "aria-label": label, title: "More actions" }, "⋯");
  const use = (callback) =>
    post("/demo/shortcut", { user, channel: message.channel, ts: message.ts, callback_id: callback }).catch((error) => toast(error.message));
  const box = menu(button, SHORTCUTS, use);
  box.dataset.control = "more";
  return box;
}

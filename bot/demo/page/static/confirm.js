// The question before a press. Resolves to true when the person confirms.

import { el, newId } from "./dom.js";
import { rich } from "./richtext.js";

export function shown(dialog) {
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return dialog;
}

export function confirm(question) {
  return new Promise((resolve) => {
    const heading = newId("question");
    const dialog = el("dialog", { class: "confirm", "aria-labelledby": heading });
    const end = (answer) => () => dialog.close(answer);
    dialog.append(
      el("h2", { id: heading }, question.title),
      el("div", { class: "body" }, rich(question.rich)),
      el("div", { class: "buttons" },
        el("button", { type: "button", class: "btn", onclick: end("no") }, question.deny),
        el("button", { type: "button", class: `btn ${question.style}`, onclick: end("yes") }, question.confirm)),
    );
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
    shown(dialog);
  });
}

// A list of messages. Drawing again changes only what changed, in place, and keeps what is being read in sight.

import { post } from "./api.js";
import { blocks } from "./blocks.js";
import { avatar, el, toast } from "./dom.js";
import { more } from "./shortcuts.js";

export class MessageList {
  // `hooks`: user(), people(), openThread(ts) or nothing where there are no threads
  constructor(scroller, list, hooks) {
    this.scroller = scroller;
    this.list = list;
    this.hooks = hooks;
    this.drawn = new Map();
    this.atEnd = true;
    this.height = 0;
    scroller.addEventListener("scroll", () => {
      if (scroller.clientHeight === this.height) this.atEnd = this.fromEnd() < 60;
    });
    new ResizeObserver(() => {
      this.height = scroller.clientHeight;
      if (this.atEnd) this.toEnd();
    }).observe(scroller);
  }

  fromEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.atEnd = true;
  }

  clear() {
    this.drawn.clear();
    this.list.replaceChildren();
  }

  // `messages`: oldest first. `replies`: how many replies a message has. `empty`: said when there is nothing.
  show(messages, replies, empty) {
    const stay = this.atEnd || this.drawn.size === 0;
    const anchor = stay ? null : this.firstInSight();
    const wanted = new Map();
    let before = null;
    for (const message of messages) {
      const facts = { ...message, replies: replies(message), follows: follows(before, message) };
      facts.newDay = !before || before.day !== message.day;
      wanted.set(message.ts, facts);
      before = message;
    }
    for (const [ts, old] of this.drawn) {
      if (!wanted.has(ts)) {
        old.node.remove();
        this.drawn.delete(ts);
      }
    }
    this.list.querySelector(":scope > .empty")?.remove();
    let previous = null;
    for (const [ts, facts] of wanted) {
      const node = this.place(ts, facts);
      const next = previous ? previous.nextSibling : this.list.firstChild;
      if (next !== node) this.list.insertBefore(node, next);
      previous = node;
    }
    if (!wanted.size) this.list.append(el("p", { class: "empty" }, empty));
    if (stay) this.toEnd();
    else if (anchor) this.restore(anchor);
  }

  place(ts, facts) {
    const signature = JSON.stringify(facts);
    const old = this.drawn.get(ts);
    if (old && old.signature === signature) return old.node;
    const node = this.draw(facts);
    if (old) {
      const focused = old.node.contains(document.activeElement) && document.activeElement.closest("[data-control]");
      old.node.replaceWith(node);
      if (focused) refocus(node.querySelector(`[data-control="${CSS.escape(focused.dataset.control)}"]`));
    }
    this.drawn.set(ts, { signature, node });
    return node;
  }

  firstInSight() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const [ts, { node }] of this.drawn) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top) return { ts, offset: box.top };
    }
    return null;
  }

  restore({ ts, offset }) {
    const node = this.drawn.get(ts)?.node;
    if (node) this.scroller.scrollTop += node.getBoundingClientRect().top - offset;
  }

  reveal(ts) {
    const node = this.drawn.get(ts)?.node;
    if (!node) return;
    node.scrollIntoView({ block: "center" });
    node.classList.add("found");
    setTimeout(() => node.classList.remove("found"), 4000);
  }

  draw(message) {
    const classes = ["message", message.private && "private", message.follows && "follows"].filter(Boolean).join(" ");
    const head = el("div", { class: "by" }, el("strong", {}, message.name),
      message.label && el("span", { class: "label" }, message.label),
      el("time", { title: message.full }, message.time));
    const body = el("div", { class: "content" }, head, message.private && this.privately(message), this.ofThread(message),
      blocks(message.blocks, this.form(message)),
      message.attachments.map((one) => this.attachment(one, message)),
      message.files.map((file) => this.file(file)),
      message.edited && el("small", { class: "muted edited" }, "(edited)"),
      this.threadLink(message));
    const article = el("article", { class: classes, "aria-label": `${message.name}, ${message.time}` },
      avatar(message.name, message.label === "app"), body, this.tools(message));
    const day = message.newDay && el("h2", { class: "day" }, message.day);
    return el("div", { class: "entry", "data-ts": message.ts }, day, article);
  }

  privately(message) {
    const gone = () =>
      post("/demo/dismiss", { user: this.hooks.user(), channel: message.channel, ts: message.ts }).catch((e) => toast(e.message));
    return el("p", { class: "only-you" }, "Only visible to you · ",
      el("button", { type: "button", class: "linklike", onclick: gone }, "Dismiss"));
  }

  form(message) {
    const place = { user: this.hooks.user(), channel: message.channel, ts: message.ts };
    const where = (element) => ({ ...place, block_id: element.block_id, action_id: element.action_id });
    return {
      people: this.hooks.people(),
      folded: true,
      value: (element) => element.initial,
      change: () => false,
      press: (element, value) => post("/demo/press", { ...where(element), value }),
      options: async (element, text) => (await post("/demo/options", { ...where(element), text })).options,
    };
  }

  attachment(attachment, message) {
    const node = el("div", { class: "attachment" }, blocks(attachment.blocks, this.form(message)));
    if (/^#?[0-9a-f]{6}$/i.test(attachment.color || "")) {
      node.style.setProperty("--edge", `#${attachment.color.replace("#", "")}`);
    }
    return node;
  }

  file(file) {
    const url = `/demo/files/${encodeURIComponent(file.id)}?user=${encodeURIComponent(this.hooks.user())}`;
    if (file.picture) {
      const words = el("figcaption", {}, el("span", {}, file.title || file.name));
      return el("figure", { class: "picture" }, el("a", { href: url, target: "_blank", rel: "noopener" }, el("img", { src: url, alt: file.alt })), words);
    }
    const size = file.size < 1000 ? `${file.size} B` : `${Math.ceil(file.size / 1000)} kB`;
    return el("a", { class: "file", href: url, download: file.name }, el("span", {}, file.title || file.name), el("small", {}, size));
  }

  // A reply that the channel shows too leads to its thread.
  ofThread(message) {
    if (!this.hooks.openThread || !message.broadcast || !message.thread) return null;
    return el("p", { class: "of-thread" }, "replied to a thread: ",
      el("button", { type: "button", class: "linklike", onclick: () => this.hooks.openThread(message.thread) }, "see it"));
  }

  threadLink(message) {
    if (!this.hooks.openThread || !message.replies) return null;
    const words = message.replies === 1 ? "1 reply" : `${message.replies} replies`;
    return el("button", { type: "button", class: "linklike replies", onclick: () => this.hooks.openThread(message.ts) }, words);
  }

  tools(message) {
    if (message.private) return null;
    return el("div", { class: "tools" }, this.replyTool(message), more(message, this.hooks.user()));
  }

  replyTool(message) {
    if (!this.hooks.openThread) return null;
    const open = () => this.hooks.openThread(message.ts);
    return el("button", { type: "button", class: "tool", "aria-label": `Reply to ${message.name}, ${message.time}`, onclick: open }, "Reply");
  }
}

// A menu's box cannot have the focus; the button in it that opens the menu can.
function refocus(control) {
  (control?.querySelector(":scope > button") || control)?.focus();
}

// Whether a message continues the one before: the same person, plain words, within the minute that is shown.
function follows(before, message) {
  return Boolean(before) && before.user === message.user && before.private === message.private &&
    before.day === message.day && before.time === message.time && message.label !== "app" && before.label !== "app";
}

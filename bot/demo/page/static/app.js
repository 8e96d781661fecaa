// Puts the page together: who one is, where one is, what is drawn when something changed.

import { get, listen, post } from "./api.js";
import { blocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { avatar, el, toast } from "./dom.js";
import { Form } from "./form.js";
import { MessageList } from "./messages.js";
import { Panel } from "./panel.js";
import { remember, recall, themes } from "./settings.js";

const $ = (id) => document.getElementById(id);
const HOME = "home";
const TRY = ["/workflow help", "/workflow list shop", "/workflow show shop 3"];
const PHONE = window.matchMedia("(max-width: 760px)");

class App {
  constructor() {
    const query = new URLSearchParams(location.search);
    this.user = query.get("user") || recall("user", sessionStorage) || "U0ANA";
    this.state = null;
    this.channel = null;
    this.thread = null;
    this.seen = new Map();
    this.fetching = false;
    this.stale = false;
    const hooks = { user: () => this.user, people: () => this.state.people.filter((person) => person.here) };
    this.form = new Form(hooks);
    this.list = new MessageList($("scroller"), $("messages"), { ...hooks, openThread: (ts) => this.openThread(ts) });
    this.replies = new MessageList($("thread-scroller"), $("thread-messages"), hooks);
    this.composer = new Composer($("composer"), { inputId: "composer-input", label: "Message", commands: true, send: (text) => this.say(text) });
    this.reply = new Composer($("thread-composer"), { inputId: "reply-input", label: "Reply", commands: false, send: (text) => this.say(text, this.thread) });
    this.panel = new Panel($("panel"), () => this.showPanel(false));
  }

  async start() {
    themes($("theme"));
    $("sidebar-open").addEventListener("click", () => this.drawer(true));
    $("sidebar-close").addEventListener("click", () => this.drawer(false));
    $("shade").addEventListener("click", () => this.drawer(false));
    $("thread-close").addEventListener("click", () => this.openThread(null));
    $("panel-toggle").addEventListener("click", () => this.togglePanel());
    document.addEventListener("click", (event) => this.followPermalink(event));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.drawer(false));
    this.connect();
    if (await this.panel.available()) {
      $("panel-toggle").hidden = false;
      if (!PHONE.matches && recall("panel") !== "closed") this.showPanel(true);
    }
  }

  connect() {
    this.stop?.();
    remember("user", this.user, sessionStorage);
    this.stop = listen(this.user, () => this.refresh(), (on) => ($("offline").hidden = on));
  }

  become(user) {
    this.user = user;
    this.state = null;
    this.thread = null;
    this.list.clear();
    this.form.drop();
    this.drawer(false);
    this.connect();
  }

  // At most one request at a time; what changes meanwhile is fetched afterwards.
  async refresh() {
    this.stale = true;
    if (this.fetching) return;
    this.fetching = true;
    try {
      while (this.stale) {
        this.stale = false;
        const { user } = this;
        const state = await get("/demo/state", { user }).catch((error) => this.unknown(user, error));
        if (state && user === this.user) this.draw(state);
        else if (state) this.stale = true;
      }
    } finally {
      this.fetching = false;
    }
  }

  unknown(user, error) {
    if (error.status !== 404 || user === "U0ANA") return;
    this.user = "U0ANA"; // somebody who is not here any more
    this.connect();
  }

  draw(state) {
    const first = !this.state;
    this.state = state;
    const wanted = first && permalink(location.pathname + location.search);
    const known = (id) => id === HOME || state.channels.some((channel) => channel.id === id);
    if (wanted && known(wanted.channel)) this.channel = wanted.channel;
    if (!known(this.channel)) this.channel = state.channels[0].id;
    if (first) for (const [channel, messages] of Object.entries(state.messages)) this.seen.set(channel, messages.length);
    this.drawPlace();
    this.drawSidebar();
    this.form.show(state.view);
    if (wanted) this.goTo(wanted);
  }

  messages() {
    return this.state?.messages[this.channel] || [];
  }

  drawPlace() {
    const place = this.state.channels.find((channel) => channel.id === this.channel);
    const name = place ? (place.kind === "dm" ? place.name : `# ${place.name}`) : "Home";
    const topic = place ? [place.topic, place.kind === "shared" && "Shared with another company", place.archived && "Archived"] : ["Workflow Bot"];
    $("place").textContent = name;
    $("topic").textContent = topic.filter(Boolean).join(" · ");
    const messages = this.messages();
    this.seen.set(this.channel, messages.length);
    $("composer").hidden = !place || place.archived;
    if (!place) return this.drawHome();
    this.composer.label(`Message ${name.replace("# ", "#")}`);
    const count = (message) => messages.filter((one) => one.thread === message.ts).length;
    const top = messages.filter((one) => !one.thread || one.broadcast || one.private);
    this.list.show(top, count, "Nothing has been said here yet.");
    this.drawHint();
    return this.drawThread(messages);
  }

  drawHome() {
    this.openThread(null);
    this.list.clear();
    $("hint").hidden = true;
    const view = this.state.home;
    const place = view && { user: this.user, view_id: view.id };
    const form = {
      people: this.state.people.filter((person) => person.here),
      value: (element) => element.initial,
      change: () => false,
      press: (element, value) => post("/demo/press", { ...place, block_id: element.block_id, action_id: element.action_id, value }),
      options: async () => [],
    };
    const nothing = el("p", { class: "empty" }, "The app shows nothing here yet.");
    $("messages").replaceChildren(el("div", { class: "home" }, view ? blocks(view.blocks, form) : nothing));
  }

  drawThread(messages) {
    const root = messages.find((one) => one.ts === this.thread);
    $("thread").hidden = !root;
    document.body.classList.toggle("with-thread", Boolean(root));
    if (!root) {
      this.thread = null;
      return this.replies.clear();
    }
    this.reply.label("Reply");
    return this.replies.show([root, ...messages.filter((one) => one.thread === root.ts)], () => 0, "");
  }

  drawHint() {
    const box = $("hint");
    box.hidden = recall("hinted") === "yes";
    if (box.hidden || box.childElementCount) return;
    const chips = TRY.map((text) => el("button", { type: "button", class: "chip", onclick: () => this.composer.submit(text) }, text));
    const done = el("button", { type: "button", class: "icon", "aria-label": "Close the hint", onclick: () => this.hinted() }, "✕");
    box.append(el("p", {}, "Try it: type a command, or press one of these."), done, el("div", { class: "chips" }, chips));
  }

  hinted() {
    remember("hinted", "yes");
    $("hint").hidden = true;
  }

  drawSidebar() {
    const signs = { channel: "#", private: "🔒", shared: "#", dm: "@" };
    const item = (id, sign, name, note, fresh) => el("li", {}, el("button",
      { type: "button", class: fresh ? "fresh" : null, "aria-current": id === this.channel ? "page" : null, "data-key": id, onclick: () => this.go(id) },
      el("span", { class: "sign", "aria-hidden": "true" }, sign), el("span", { class: "grow" }, name), note && el("small", {}, note),
      fresh ? el("span", { class: "badge", "aria-label": `${fresh} new` }, String(fresh)) : null));
    const channels = this.state.channels.map((channel) => {
      const fresh = (this.state.messages[channel.id] || []).length - (this.seen.get(channel.id) || 0);
      const note = channel.archived ? "archived" : channel.kind === "shared" ? "shared" : "";
      return item(channel.id, signs[channel.kind], channel.name, note, Math.max(0, fresh));
    });
    if (this.state.has_home) channels.push(item(HOME, "⌂", "Home of the app", "", 0));
    const people = this.state.people.filter((person) => person.here).map((person) => el("li", {}, el("button",
      { type: "button", "aria-pressed": String(person.id === this.user), "data-key": person.id, onclick: () => this.become(person.id) },
      avatar(person.name), el("span", { class: "grow" }, person.name), person.label && el("small", {}, person.label))));
    const focused = document.activeElement?.dataset?.key;
    $("channels").replaceChildren(...channels);
    $("people").replaceChildren(...people);
    if (focused) $("sidebar").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  go(channel) {
    this.channel = channel;
    this.thread = null;
    this.list.clear();
    this.drawer(false);
    this.drawPlace();
    this.drawSidebar();
    if (channel === HOME) post("/demo/home", { user: this.user }).catch((error) => toast(error.message));
  }

  goTo({ channel, ts, thread }) {
    if (channel !== this.channel) this.go(channel);
    if (thread) this.openThread(thread);
    (thread && thread !== ts ? this.replies : this.list).reveal(ts);
  }

  followPermalink(event) {
    const anchor = event.target.closest?.("a[data-permalink]");
    const target = anchor && permalink(anchor.dataset.permalink);
    if (!target) return;
    event.preventDefault();
    if (this.state.channels.some((channel) => channel.id === target.channel)) this.goTo(target);
    else toast("You are not in the channel of that message.");
  }

  openThread(ts) {
    if (ts !== this.thread) this.replies.clear();
    this.thread = ts;
    this.drawThread(this.messages());
    if (ts) this.reply.input.focus();
  }

  async say(text, thread = null) {
    await post("/demo/say", { user: this.user, channel: this.channel, text, ...(thread && { thread_ts: thread }) });
    if (text.startsWith("/workflow")) this.hinted();
    if (!thread) this.list.toEnd();
  }

  togglePanel() {
    const seen = $("panel").getClientRects().length > 0; // an open thread may take its place
    if (!seen) this.openThread(null);
    this.showPanel(!seen);
  }

  showPanel(open) {
    this.panel.show(open);
    document.body.classList.toggle("with-panel", open);
    $("panel-toggle").setAttribute("aria-expanded", String(open));
    remember("panel", open ? "open" : "closed");
  }

  drawer(open) {
    document.body.classList.toggle("drawer", open);
    $("shade").hidden = !open;
    if (open) $("sidebar-close").focus();
  }
}

// A permalink's channel, message and thread.
function permalink(path) {
  const url = new URL(path, location.origin);
  const match = url.pathname.match(/^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/);
  return match && { channel: match[1], ts: `${match[2]}.${match[3]}`, thread: url.searchParams.get("thread_ts") };
}

new App().start();

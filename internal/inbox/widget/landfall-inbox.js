/* <landfall-inbox>: a bell with a badge, and behind it the list of a customer's messages. See docs/widget.md. */
(() => {
  "use strict";
  const words = __WORDS__;
  const css = __CSS__;
  const home = document.currentScript ? new URL("..", document.currentScript.src).href : location.origin;
  const rightToLeft = /^(ar|he|fa|ur|ps|dv|yi)(-|$)/i;
  const shapes = {
    bell: "M6 9a6 6 0 0 1 12 0c0 6 2.5 7.5 2.5 7.5h-17S6 15 6 9M10 20a2.2 2.2 0 0 0 4 0",
    close: "M6 6l12 12M18 6L6 18",
    check: "M5 12.5l4.5 4.5L19 7.5",
    dot: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10",
    box: "M4 4h16v5H4zM5.5 9v11h13V9M10 13h4",
    send: "M4 12L20 4l-5 16-3.5-6.5zM11.5 13.5L20 4",
  };

  /** An element; whatever is data becomes an attribute or text, never markup. */
  function el(tag, attributes, ...children) {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") e.addEventListener(name, value);
      else if (value === true) e.setAttribute(name, "");
      else if (value !== false && value != null) e.setAttribute(name, value);
    }
    e.append(...children);
    return e;
  }

  function icon(name) {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg");
    const size = name === "bell" ? 24 : 20;
    for (const [k, v] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" })) svg.setAttribute(k, v);
    svg.appendChild(document.createElementNS(ns, "path")).setAttribute("d", shapes[name]);
    return svg;
  }

  /** The words for a language tag: its own, those of its script or language, else English. */
  function wordsFor(tag) {
    let at = tag || "en";
    try {
      at = new Intl.Locale(at).toString();
      if (/^zh/i.test(at)) at = "zh-" + new Intl.Locale(at).maximize().script;
    } catch { at = "en"; }
    const known = Object.keys(words);
    for (let t = at; t; t = t.replace(/-?[^-]*$/, "")) {
      const found = known.find((k) => k.toLowerCase() === t.toLowerCase());
      if (found) return found;
    }
    return known.find((k) => k.split("-")[0] === at.split("-")[0]) || "en";
  }

  /** A link that may be opened: http or https, null for any other. */
  function safe(link) {
    try {
      const u = new URL(link);
      return u.protocol === "https:" || u.protocol === "http:" ? u.href : null;
    } catch { return null; }
  }

  const inBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  /** The name of a subscription at Landfall: the hash of its endpoint. */
  async function browserID(at) {
    const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(at.endpoint));
    return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, "0")).join("");
  }

  const sameKey = (at, key) => inBase64(at.options.applicationServerKey) === key;

  /** Waits for a service worker to be in charge. */
  async function active(registration) {
    const coming = registration.installing || registration.waiting;
    if (!registration.active && coming) {
      await new Promise((done) => coming.addEventListener("statechange", () => (/^(activated|redundant)$/.test(coming.state)) && done()));
    }
    return registration;
  }

  class Inbox extends HTMLElement {
    static observedAttributes = ["src", "token", "locale", "theme", "dir", "push"];

    #messages = [];
    #counts = { total: 0, unread: 0, unseen: 0 };
    #next = "";
    #answers = false; // what the customer writes is answered
    #asked = false; // the customer wrote, and the answer is still to come
    #draft = ""; // the id of a message that was not sent yet, the same when it is tried again
    #open = false;
    #at = null; // the id of the message the keyboard is on
    #whole = null; // the id of the one that is shown to its end
    #stream = null;
    #generation = 0; // grows when everything asked before is out of date
    #wait = 1000;
    #timers = {};
    #trouble = "";
    #door = null; // the browser's subscription and whether new messages are told to it; null where that is not offered
    #asking = false; // the browser is just being subscribed
    #renewing = false; // the token that is set is for the same inbox
    #parts = {};
    #dark = matchMedia("(prefers-color-scheme: dark)");
    #dress = () => this.#style();
    #outside = (e) => { if (this.#open && !e.composedPath().includes(this)) this.close(false); };
    #place = () => this.#position();
    #visible = () => { document.hidden ? this.#hush() : this.#start(); };

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
      const p = this.#parts;
      p.badge = el("span", { class: "badge", part: "badge", "aria-hidden": "true", hidden: true });
      p.bell = el("button", { class: "bell", part: "bell", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-controls": "panel",
        click: () => (this.#open ? this.close() : this.open()) }, icon("bell"), p.badge);
      p.title = el("h2", { id: "title" });
      p.all = el("button", { class: "text-button", type: "button", click: () => this.#readAll() });
      p.close = el("button", { class: "icon", type: "button", click: () => this.close() }, icon("close"));
      p.warn = el("p", { class: "warn", role: "alert", hidden: true });
      p.list = el("ul", { role: "list" });
      p.note = el("p", { class: "note" });
      p.more = el("button", { class: "more", type: "button", click: () => this.#older() });
      p.scroll = el("div", { class: "list" }, p.list, p.note, p.more);
      p.text = el("textarea", { rows: 1, maxlength: 1000, enterkeyhint: "send", input: () => this.#grow(), keydown: (e) => {
        if (e.key === "Enter" && !e.shiftKey && !e.isComposing) this.#write(e);
        else if (e.key !== "Escape") e.stopPropagation(); // arrows move in the text
      } });
      p.send = el("button", { class: "icon", type: "submit" }, icon("send"));
      p.ask = el("form", { class: "ask", hidden: true, submit: (e) => this.#write(e) }, p.text, p.send);
      p.push = el("button", { class: "push", part: "push", type: "button", role: "switch", hidden: true,
        click: () => (this.#door.on ? this.unsubscribe() : this.subscribe()) });
      p.panel = el("div", { class: "panel", part: "panel", id: "panel", role: "dialog", "aria-labelledby": "title" },
        el("div", { class: "head" }, p.title, p.all, p.close), p.warn, p.scroll, p.ask, p.push);
      p.live = el("div", { class: "sr", role: "status", "aria-live": "polite" });
      p.root = el("div", { class: "root", keydown: (e) => this.#press(e) }, p.bell, p.panel, p.live);
      if (p.panel.showPopover) p.panel.popover = "manual";
      root.append(p.root);
    }

    connectedCallback() {
      this.#dark.addEventListener("change", this.#dress);
      document.addEventListener("pointerdown", this.#outside);
      document.addEventListener("visibilitychange", this.#visible);
      addEventListener("resize", this.#place);
      addEventListener("scroll", this.#place, { passive: true });
      this.#timers.minute = setInterval(() => this.#dates(), 60000);
      this.#style();
      this.#render();
      this.#start();
    }

    disconnectedCallback() {
      this.#hush();
      clearInterval(this.#timers.minute);
      this.#dark.removeEventListener("change", this.#dress);
      document.removeEventListener("pointerdown", this.#outside);
      document.removeEventListener("visibilitychange", this.#visible);
      removeEventListener("resize", this.#place);
      removeEventListener("scroll", this.#place);
      this.#shut();
    }

    attributeChangedCallback(name, before, after) {
      if (!this.isConnected || before === after) return;
      if (name === "push") this.#offer();
      if (name === "token" || name === "src") {
        if (!this.#renewing) this.#forget(); // it may be somebody else's inbox
        this.#start();
      }
      this.#style();
      this.#render();
    }

    #forget() {
      this.#messages = [];
      this.#counts = { total: 0, unread: 0, unseen: 0 };
      this.#next = this.#trouble = "";
      this.#door = null;
    }

    /** Opens the panel, and puts the keyboard into it. */
    open() {
      if (this.#open) return;
      const p = this.#parts;
      this.#open = true;
      p.panel.classList.add("open");
      if (p.panel.showPopover) p.panel.showPopover();
      p.bell.setAttribute("aria-expanded", "true");
      this.#position();
      this.#dates();
      p.scroll.scrollTop = 0;
      this.#reach(this.#messages.length ? this.#messages[0].id : null);
      (this.#current() || p.close).focus();
      this.#see();
    }

    /** Closes the panel; the keyboard goes back to the bell unless told otherwise. */
    close(focus = true) {
      if (!this.#open) return;
      this.#shut();
      if (focus) this.#parts.bell.focus();
    }

    #shut() {
      const p = this.#parts;
      this.#open = false;
      p.panel.classList.remove("open");
      if (p.panel.hidePopover && p.panel.matches(":popover-open")) p.panel.hidePopover();
      p.bell.setAttribute("aria-expanded", "false");
    }

    // What it looks like.

    get #locale() { return this.getAttribute("locale") || document.documentElement.lang || navigator.language; }

    #say(key, values = {}) {
      return words[wordsFor(this.#locale)][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
    }

    #style() {
      const theme = this.getAttribute("theme"), dir = this.getAttribute("dir"), root = this.#parts.root;
      root.classList.toggle("dark", theme === "dark" || theme !== "light" && this.#dark.matches);
      root.lang = wordsFor(this.#locale);
      if (dir === "rtl" || dir === "ltr") root.dir = dir;
      else root.dir = this.hasAttribute("locale") ? (rightToLeft.test(this.#locale) ? "rtl" : "ltr") : getComputedStyle(this).direction;
      this.#position();
    }

    /** Puts the panel below the bell, within the window. */
    #position() {
      if (!this.#open) return;
      const { bell, panel, root } = this.#parts, at = bell.getBoundingClientRect(), width = panel.offsetWidth;
      const wide = document.documentElement.clientWidth, top = Math.max(8, Math.min(at.bottom + 6, innerHeight - 240));
      const left = root.dir === "rtl" ? at.left : at.right - width;
      panel.style.left = Math.max(8, Math.min(left, wide - width - 8)) + "px";
      panel.style.top = top + "px";
      panel.style.maxHeight = Math.min(640, innerHeight - top - 8) + "px";
    }

    #render() {
      const p = this.#parts, unseen = this.#counts.unseen;
      p.badge.hidden = !unseen;
      p.badge.textContent = unseen > 99 ? "99+" : String(unseen);
      p.bell.setAttribute("aria-label", this.#say("title") + (unseen ? ", " + this.#say("new", { n: unseen }) : ""));
      p.title.textContent = this.#say("title");
      p.all.textContent = this.#say("all");
      p.all.hidden = !this.#counts.unread;
      p.close.setAttribute("aria-label", this.#say("close"));
      p.warn.textContent = this.#trouble && this.#say(this.#trouble);
      p.warn.hidden = !this.#trouble;
      p.note.textContent = this.#say("empty");
      p.note.hidden = this.#messages.length > 0;
      p.more.textContent = this.#say("more");
      p.more.hidden = !this.#next;
      p.text.placeholder = this.#say("ask");
      p.text.setAttribute("aria-label", this.#say("ask"));
      p.send.setAttribute("aria-label", this.#say("send"));
      p.ask.hidden = !this.#answers;
      const blocked = this.#door && Notification.permission === "denied";
      p.push.hidden = !this.#door;
      p.push.textContent = this.#say(blocked ? "blocked" : "push");
      p.push.setAttribute("aria-checked", String(Boolean(this.#door && this.#door.on)));
      p.push.disabled = Boolean(blocked);
      this.#list();
    }

    /** Shows the messages. Rows that say what they said stay: somebody may be about to press them. */
    #list() {
      const { list } = this.#parts, focused = this.shadowRoot.activeElement;
      const again = focused && list.contains(focused) && { id: focused.closest("li").dataset.id, what: focused.dataset.what };
      if (!this.#messages.some((m) => m.id === this.#at)) this.#at = this.#messages.length ? this.#messages[0].id : null;
      const had = new Map([...list.children].map((li) => [li.dataset.key, li]));
      const rows = this.#messages.map((m) => had.get(this.#key(m)) || this.#item(m));
      for (const li of had.values()) if (!rows.includes(li)) li.remove();
      rows.forEach((li, i) => { if (list.children[i] !== li) list.insertBefore(li, list.children[i] || null); });
      this.#reach(this.#at);
      if (again && this.shadowRoot.activeElement !== focused) {
        const row = this.#row(again.id);
        ((row && row.querySelector(`[data-what=${again.what}]`)) || this.#current() || this.#parts.close).focus();
      }
    }

    #row(id) { return [...this.#parts.list.children].find((li) => li.dataset.id === id); }

    /** What a row shows. */
    #key(m) { return [m.id, Boolean(m.read_at), m.id === this.#whole, this.#tag()].join(" "); }

    #item(m) {
      const id = m.id, link = safe(m.link), unread = !m.read_at;
      const when = el("time", { datetime: m.created_at }, this.#when(m.created_at));
      when.title = new Date(m.created_at).toLocaleString(this.#tag());
      const face = [el("b", { dir: "auto" }, m.title || m.text), m.title ? el("span", { class: "body", dir: "auto" }, m.text) : "", when,
        unread ? el("span", { class: "sr" }, this.#say("isnew")) : ""];
      const common = { class: "message", part: "message", "data-what": "message", tabindex: "-1", click: () => this.#pick(id) };
      const main = link ? el("a", { ...common, href: link, target: "_blank", rel: "noopener noreferrer" }, ...face) : el("button", { ...common, type: "button", "aria-expanded": String(id === this.#whole) }, ...face);
      const act = (what, label, shape, click) => el("button", { class: "icon", type: "button", "data-what": what, tabindex: "-1",
        "aria-label": this.#say(label) + ": " + (m.title || m.text), title: this.#say(label), click }, icon(shape));
      return el("li", { class: unread ? "unread" : "", "data-id": id, "data-key": this.#key(m), focusin: () => this.#reach(id) }, main, el("div", { class: "acts" },
        unread ? act("toggle", "read", "check", () => this.#mark(id, "read")) : act("toggle", "unread", "dot", () => this.#mark(id, "unread")),
        act("archive", "archive", "box", () => this.#archive(id))));
    }

    #tag() {
      try { return new Intl.Locale(this.#locale).toString(); } catch { return "en"; }
    }

    /** How long ago, in words; the date where that is long ago, or where the clocks do not agree. */
    #when(text) {
      const at = new Date(text), seconds = (at - Date.now()) / 1000, tag = this.#tag();
      if (seconds > 60 || seconds < -7 * 86400) return new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" }).format(at);
      const words = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
      if (seconds > -60) return words.format(0, "second");
      if (seconds > -3600) return words.format(Math.ceil(seconds / 60), "minute");
      if (seconds > -86400) return words.format(Math.ceil(seconds / 3600), "hour");
      return words.format(Math.ceil(seconds / 86400), "day");
    }

    #dates() {
      for (const t of this.#parts.list.querySelectorAll("time")) t.textContent = this.#when(t.dateTime);
    }

    // The keyboard.

    #current() {
      const row = this.#row(this.#at);
      return row && row.querySelector(".message");
    }

    /** Lets Tab stop at one message only; arrows move it. */
    #reach(id) {
      this.#at = id;
      for (const li of this.#parts.list.children) {
        for (const e of li.querySelectorAll("[tabindex]")) e.tabIndex = li.dataset.id === id ? 0 : -1;
      }
    }

    #press(e) {
      const down = e.key === "ArrowDown", up = e.key === "ArrowUp", ids = this.#messages.map((m) => m.id);
      if (e.key === "Escape" && this.#open) {
        e.stopPropagation();
        this.close();
      } else if (down && !this.#open) {
        this.open();
      } else if (this.#open && ids.length && (down || up || e.key === "Home" || e.key === "End")) {
        const inside = this.#parts.list.contains(this.shadowRoot.activeElement), at = inside ? ids.indexOf(this.#at) : down ? -1 : ids.length;
        const to = e.key === "Home" ? 0 : e.key === "End" ? ids.length - 1 : Math.max(0, Math.min(ids.length - 1, at + (down ? 1 : -1)));
        this.#reach(ids[to]);
        this.#current().focus();
      } else {
        return;
      }
      e.preventDefault();
    }

    // What it asks, and what it hears.

    get #base() { return new URL(this.getAttribute("src") || home, location.href).href.replace(/\/$/, "") + "/v1/inbox"; }

    async #ask(path, method = "GET", body) {
      const token = this.getAttribute("token"), headers = { Authorization: "Bearer " + token };
      if (body) headers["Content-Type"] = "application/json";
      const r = await fetch(this.#base + path, { method, headers, body: body && JSON.stringify(body), cache: "no-store", credentials: "omit",
        keepalive: method === "POST" }); // the customer may leave the page at once
      if (r.status === 401) this.#expired(token);
      if (!r.ok) throw new Error("the inbox answers " + r.status);
      return r.status === 200 ? r.json() : null;
    }

    /** Asks the page for a new token; it answers by setting the attribute, or with detail.renew(token). */
    #expired(token) {
      if (token !== this.getAttribute("token")) return;
      this.#hush();
      this.#timers.retry = setTimeout(() => this.#worry("expired"), 5000); // unless the page has another by then
      this.dispatchEvent(new CustomEvent("landfall-token", { bubbles: true, composed: true, detail: { renew: (t) => this.#renew(t) } }));
    }

    #renew(token) {
      this.#renewing = true;
      this.setAttribute("token", token);
      this.#renewing = false;
    }

    #worry(key) {
      if (this.#trouble === key) return;
      this.#trouble = key;
      this.#render();
    }

    #hush() {
      this.#generation++;
      clearTimeout(this.#timers.retry);
      clearTimeout(this.#timers.reload);
      if (this.#stream) this.#stream.close();
      this.#stream = null;
    }

    async #start() {
      this.#hush();
      const mine = this.#generation;
      if (!this.getAttribute("token") || document.hidden) return;
      try {
        await this.#load();
        if (mine !== this.#generation) return;
        this.#wait = 1000;
        this.#worry("");
        this.#listen();
        this.#offer();
      } catch {
        if (mine === this.#generation) this.#later();
      }
    }

    #later() {
      this.#worry("offline");
      this.#timers.retry = setTimeout(() => this.#start(), this.#wait * (0.75 + Math.random() / 2));
      this.#wait = Math.min(this.#wait * 2, 60000);
    }

    async #load() {
      const mine = this.#generation, page = await this.#ask("?limit=20");
      if (mine !== this.#generation) return;
      this.#messages = page.messages;
      this.#next = page.next || "";
      this.#counts = page.counts;
      this.#answers = page.answers;
      this.#render();
      if (this.#open) this.#see();
    }

    #listen() {
      const last = this.#messages.reduce((n, m) => Math.max(n, m.seq), 0);
      const query = new URLSearchParams({ token: this.getAttribute("token") });
      if (last) query.set("last_event_id", last);
      const stream = (this.#stream = new EventSource(this.#base + "/stream?" + query));
      stream.addEventListener("message", (e) => this.#arrived(JSON.parse(e.data)));
      stream.addEventListener("counts", (e) => this.#counted(JSON.parse(e.data)));
      stream.addEventListener("open", () => this.#worry(""));
      stream.addEventListener("error", () => {
        if (stream !== this.#stream) return;
        if (stream.readyState === EventSource.CLOSED) this.#start(); // refused: asking for the list tells why
        else this.#worry("offline");
      });
    }

    #arrived(m) {
      if (m.archived_at || this.#messages.some((known) => known.id === m.id)) return;
      this.#messages.unshift(m);
      if (this.#asked && !m.link) { // an answer is shown to its end
        this.#whole = m.id;
        this.#asked = false;
        this.#parts.scroll.scrollTop = 0;
      }
      this.#parts.live.textContent = this.#say("arrived", { title: m.title || m.text });
      this.#render();
      if (this.#open) this.#see();
    }

    /** Counts that are not what the list says tell of another window. */
    #counted(counts) {
      const same = ["total", "unread"].every((k) => counts[k] === this.#counts[k]);
      this.#counts = counts;
      this.#render();
      const here = this.#messages.filter((m) => !m.read_at).length;
      if (!same && (here > counts.unread || !this.#next && (here !== counts.unread || this.#messages.length !== counts.total))) {
        clearTimeout(this.#timers.reload);
        this.#timers.reload = setTimeout(() => this.#load().catch(() => {}), 150);
      }
    }

    #grow() {
      const { text } = this.#parts;
      this.#draft = ""; // other words are another message
      text.style.height = "auto";
      text.style.height = Math.min(text.scrollHeight, 120) + "px";
    }

    /** Sends what the customer wrote; the answer comes as a message. What could not be sent stays where it was written. */
    async #write(e) {
      e.preventDefault();
      const p = this.#parts, text = p.text.value.trim();
      if (!text || p.send.disabled) return;
      this.#draft ||= crypto.getRandomValues(new Uint32Array(4)).join("-");
      p.send.disabled = true;
      try {
        await this.#ask("/messages", "POST", { id: this.#draft, text });
        p.text.value = "";
        this.#grow();
        this.#asked = true;
        p.live.textContent = this.#say("sent");
        this.#worry("");
      } catch {
        this.#worry("unsent");
      }
      p.send.disabled = false;
      p.text.focus();
    }

    // Telling the browser of new messages while the page is closed.

    get #script() { return new URL(this.getAttribute("push"), location.href).href; }

    /** Finds out whether that can be offered, and whether it is on. A subscription of somebody else's in this browser is ended. */
    async #offer() {
      const mine = this.#generation;
      let door = null, again = false;
      try {
        if (this.getAttribute("push") && navigator.serviceWorker && self.PushManager && self.Notification) {
          const { public_key: key, browsers } = await this.#ask("/push");
          door = { key, on: false };
          const at = await this.#subscription();
          if (at) {
            const known = browsers.includes(await browserID(at)), same = sameKey(at, key);
            if (mine !== this.#generation || this.#asking) return;
            door.on = known && same;
            if (known !== same) await at.unsubscribe(); // it is somebody else's, or Landfall has another key now
            again = known && !same;
            if (!known && !same) door = null; // it is the shop's own
          }
        }
      } catch { /* it is not offered here */ }
      if (mine !== this.#generation) return;
      this.#door = door;
      this.#render();
      if (again) this.subscribe();
    }

    async #subscription() {
      const all = await navigator.serviceWorker.getRegistrations();
      const here = all.find((r) => [r.active, r.waiting, r.installing].some((w) => w && w.scriptURL === this.#script));
      return here ? here.pushManager.getSubscription() : null;
    }

    /** Asks for permission, and has this browser told of new messages. Call it when the customer presses something. */
    async subscribe() {
      const door = this.#door;
      if (!door) return;
      this.#asking = true;
      try {
        if (await Notification.requestPermission() === "granted") {
          const worker = await active(await navigator.serviceWorker.register(this.#script));
          const at = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: door.key });
          await this.#ask("/push", "POST", at.toJSON());
          door.on = true;
        }
      } catch {
        this.#worry("offline");
      }
      this.#asking = false;
      this.#render();
    }

    /** Has this browser told of nothing any more: for a sign-out, too. */
    async unsubscribe() {
      try {
        const at = this.getAttribute("push") && navigator.serviceWorker && await this.#subscription();
        if (at) {
          const id = await browserID(at);
          await at.unsubscribe();
          await this.#ask("/push/" + id, "DELETE");
        }
      } catch { /* the push service says so when it is used next */ }
      if (this.#door) this.#door.on = false;
      this.#render();
    }

    // What the customer does. It shows at once; when it could not be kept, the list is fetched again.

    async #keep(path, body) {
      try {
        await this.#ask(path, "POST", body);
      } catch {
        this.#start();
      }
    }

    #see() {
      const newest = this.#messages[0];
      if (!newest || !this.#counts.unseen) return;
      this.#counts = { ...this.#counts, unseen: 0 };
      for (const m of this.#messages) m.seen_at ||= new Date().toISOString();
      this.#render();
      this.#keep("/seen", { up_to: newest.id });
    }

    #readAll() {
      const newest = this.#messages[0];
      if (!newest) return;
      for (const m of this.#messages) m.read_at ||= new Date().toISOString();
      this.#counts = { ...this.#counts, unread: 0, unseen: 0 };
      this.#render();
      (this.#current() || this.#parts.close).focus();
      this.#keep("/read", { up_to: newest.id });
    }

    /** A message was picked. One without a link shows all of its text in its place. */
    #pick(id) {
      const m = this.#messages.find((m) => m.id === id);
      if (!m) return;
      if (!safe(m.link)) this.#whole = this.#whole === id ? null : id;
      this.#mark(id, "read");
      this.#render();
    }

    #mark(id, mark) {
      const read = mark === "read", m = this.#messages.find((m) => m.id === id);
      if (!m || read === Boolean(m.read_at)) return;
      m.read_at = read ? new Date().toISOString() : undefined;
      this.#counts = { ...this.#counts, unread: this.#counts.unread + (read ? -1 : 1) };
      this.#render();
      this.#keep(`/${encodeURIComponent(m.id)}/${mark}`);
    }

    #archive(id) {
      const i = this.#messages.findIndex((m) => m.id === id), m = this.#messages[i];
      if (!m) return;
      this.#messages.splice(i, 1);
      const next = this.#messages[i] || this.#messages[i - 1];
      this.#at = next ? next.id : null;
      this.#counts = { ...this.#counts, total: this.#counts.total - 1, unread: this.#counts.unread - (m.read_at ? 0 : 1) };
      this.#render();
      (this.#current() || this.#parts.close).focus();
      this.#keep(`/${encodeURIComponent(m.id)}/archive`);
    }

    async #older() {
      const first = this.#messages.length, mine = this.#generation;
      try {
        const page = await this.#ask("?limit=20&cursor=" + encodeURIComponent(this.#next));
        if (mine !== this.#generation) return;
        this.#messages.push(...page.messages.filter((m) => !this.#messages.some((known) => known.id === m.id)));
        this.#next = page.next || "";
        this.#at = (this.#messages[first] || this.#messages[first - 1]).id;
        this.#render();
        this.#current().focus();
      } catch {
        this.#start();
      }
    }
  }

  if (!customElements.get("landfall-inbox")) customElements.define("landfall-inbox", Inbox);
})();

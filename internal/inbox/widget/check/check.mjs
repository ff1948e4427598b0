// Opens the page of `landfall try` with the inbox in it, by day and by night, in both directions; holds it against axe, uses it
// with the keyboard alone, and takes pictures. node check.mjs PAGE FOLDER; CHROMIUM names the browser.
import { createRequire } from "node:module";
import path from "node:path";
import puppeteer from "puppeteer-core";

const [page, folder] = process.argv.slice(2);
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const failures = [];
const must = (good, what) => { if (!good) failures.push(what); };

const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

/** Opens the page, and counts what the browser complains of. */
async function open(locale, theme, dir, viewport = { width: 900, height: 760 }) {
  const tab = await browser.newPage();
  const name = [locale, theme, dir].join("-");
  tab.on("pageerror", (e) => failures.push(`${name}: ${e.message}`));
  tab.on("console", (m) => { if (m.type() === "error") failures.push(`${name}: ${m.text()}`); });
  await tab.setViewport({ ...viewport, deviceScaleFactor: 1 });
  await tab.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  await tab.setBypassCSP(true); // for axe, which is put into the page; the page's policy is tried by live()
  return show(tab, { locale, theme, dir });
}

/** Shows the page, until the inbox has its list. */
async function show(tab, query) {
  await tab.emulateFocusedPage(true); // several at once
  const listed = tab.waitForResponse((r) => r.url().includes("/v1/inbox?") && r.request().method() === "GET");
  await tab.goto(`${page}?${new URLSearchParams(query)}`);
  await listed;
  return tab;
}

const inside = (tab, fn, ...args) => tab.evaluate(`(${fn})(document.querySelector("landfall-inbox").shadowRoot, ...${JSON.stringify(args)})`);
const until = (tab, fn, ...args) => tab.waitForFunction(`(${fn})(document.querySelector("landfall-inbox").shadowRoot, ...${JSON.stringify(args)})`, { timeout: 20000, polling: 100 });
const messages = (tab) => inside(tab, (root) => root.querySelectorAll("li").length);

async function order(tab) {
  const before = await messages(tab);
  await tab.click("#send");
  await until(tab, (root, n) => root.querySelectorAll("li").length > n, before);
}

async function accessible(tab, name) {
  await tab.addScriptTag({ path: axe });
  const { violations } = await tab.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const v of violations) failures.push(`${name}: axe: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).join(" | ")}`);
}

const picture = (tab, name) => tab.screenshot({ path: path.join(folder, name + ".png") });

/** The four looks, closed and open, with messages read and unread. */
async function looks() {
  for (const [locale, dir] of [["en", "ltr"], ["ar", "rtl"]]) {
    for (const theme of ["light", "dark"]) {
      const tab = await open(locale, theme, dir), name = [locale, theme, dir].join("-");
      while (await messages(tab) < 4) await order(tab);
      await order(tab);
      await accessible(tab, name + ", closed");
      await picture(tab, name + "-closed");
      await tab.click("landfall-inbox >>> .bell");
      await tab.click("landfall-inbox >>> li:nth-child(2) [data-what=toggle]");
      await tab.keyboard.press("ArrowDown");
      await accessible(tab, name + ", open");
      await picture(tab, name);
      const side = await inside(tab, (root) => {
        const panel = root.querySelector(".panel").getBoundingClientRect();
        return { dir: root.querySelector(".root").dir, inWindow: panel.left >= 0 && panel.right <= innerWidth && panel.bottom <= innerHeight };
      });
      must(side.dir === dir && side.inWindow, `${name}: the panel is ${JSON.stringify(side)}`);
      await tab.close();
    }
  }
}

/** Everything by keyboard: opened, walked through, read, put away, closed. */
async function keyboard() {
  const tab = await open("en", "light", "ltr");
  while (await messages(tab) < 4) await order(tab);
  await show(tab, { locale: "en" }); // the keyboard begins at the top
  await until(tab, (root) => root.querySelector("li"));
  const focus = () => inside(tab, (root) => {
    const e = root.activeElement;
    return e ? e.className + " " + (e.closest("li") ? [...root.querySelectorAll("li")].indexOf(e.closest("li")) : "") : "";
  });
  const at = async (keys, want) => {
    for (const k of keys) await tab.keyboard.press(k);
    const got = (await focus()).trim();
    must(got === want, `keyboard: after ${keys.join(" ")} the focus is on "${got}", want "${want}"`);
  };
  const n = await messages(tab);
  await at(["Tab"], "bell");
  await at(["Enter"], "message 0");
  await until(tab, (root) => root.querySelector(".badge").hidden);
  await at(["ArrowDown"], "message 1");
  await at(["End"], `message ${n - 1}`);
  await at(["ArrowDown"], `message ${n - 1}`);
  await at(["Home"], "message 0");
  await at(["ArrowUp"], "message 0");
  await at(["Tab"], "icon 0");
  const unread = await inside(tab, (root) => root.querySelectorAll("li.unread").length);
  await at(["Enter"], "icon 0");
  must(await inside(tab, (root) => root.querySelectorAll("li.unread").length) !== unread, "keyboard: the mark of the first message did not change");
  const kept = tab.waitForResponse((r) => r.url().endsWith("/archive") && r.request().method() === "POST");
  await at(["Tab", "Enter"], "message 0");
  await kept;
  must(await messages(tab) === n - 1, "keyboard: the first message was not put away");
  await at(["Escape"], "bell");
  must(await inside(tab, (root) => root.querySelector(".bell").getAttribute("aria-expanded")) === "false", "keyboard: Escape did not close it");
  await tab.reload();
  await until(tab, (root, want) => root.querySelectorAll("li").length === want, n - 1);
  await tab.close();
}

/** A card comes in while nobody touches the page, is announced, and another window follows. The page's policy is in force. */
async function live() {
  const tab = await browser.newPage(), other = await open("de", "light", "ltr");
  tab.on("console", (m) => { if (m.type() === "error") failures.push(`live: ${m.text()}`); });
  await show(tab, { locale: "de" });
  await order(tab);
  await until(tab, (root) => root.querySelector("[role=status]").textContent.startsWith("Neue Nachricht: "));
  await until(tab, (root) => root.querySelector(".bell").getAttribute("aria-label") === "Nachrichten, neu: 1");
  await until(other, (root) => root.querySelector(".badge").textContent === "1");
  await tab.click("landfall-inbox >>> .bell");
  await until(other, (root) => root.querySelector(".badge").hidden);
  await tab.click("landfall-inbox >>> .message");
  await until(other, (root) => !root.querySelector("li.unread"));
  await other.close();
  await tab.close();
}

/** What the customer writes is answered in the list; what could not be sent stays where it was written. */
async function asks() {
  const tab = await open("en", "light", "ltr");
  await tab.click("landfall-inbox >>> .bell");
  const before = await messages(tab);
  await tab.setRequestInterception(true);
  let cut = true;
  tab.on("request", (r) => (cut && r.url().endsWith("/v1/inbox/messages") && r.method() === "POST" ? r.abort() : r.continue()));
  tab.removeAllListeners("console"); // the browser tells of the request that was cut
  await tab.type("landfall-inbox >>> textarea", "where is my order?");
  await tab.keyboard.press("Enter");
  await until(tab, (root) => !root.querySelector(".warn").hidden);
  must(await inside(tab, (root) => root.querySelector("textarea").value) === "where is my order?", "asks: what was not sent is gone");
  cut = false;
  await tab.click("landfall-inbox >>> [type=submit]");
  await until(tab, (root, n) => root.querySelectorAll("li").length > n, before);
  must(await inside(tab, (root) => root.querySelector("textarea").value) === "" && await inside(tab, (root) => root.querySelector(".warn").hidden), "asks: what was sent is still there");
  must(await inside(tab, (root) => root.querySelector("li .message").getAttribute("aria-expanded")) === "true", "asks: the answer is not shown to its end");
  await accessible(tab, "asked");
  await picture(tab, "asked");
  await tab.close();
}

/** A token that is refused is asked for anew, and the inbox goes on with the one it gets. */
async function renewal() {
  const tab = await open("de", "dark", "ltr");
  tab.removeAllListeners("console"); // the browser tells of the refusal
  await tab.evaluate(() => document.querySelector("landfall-inbox").setAttribute("token", "a.b.c"));
  await tab.waitForFunction(() => document.querySelector("landfall-inbox").getAttribute("token") !== "a.b.c", { timeout: 20000, polling: 100 });
  await until(tab, (root) => root.querySelectorAll("li").length > 0 && root.querySelector(".warn").hidden);
  await tab.close();
}

/** What a message says is text, and only links to web pages are links. */
async function hostile() {
  const tab = await browser.newPage();
  const markup = "<img src=x onerror=alert(1)>", links = ["javascript:alert(1)", "data:text/html,x", " https://shop.example/t/1", "//shop.example", "nonsense"];
  const messages = links.map((link, i) => ({ id: `../${i}?`, seq: i + 1, title: markup, text: markup, link, created_at: "2026-12-01T10:00:00Z" }));
  tab.on("dialog", (d) => { failures.push("hostile: a script of a message ran"); d.dismiss(); });
  await tab.setRequestInterception(true);
  const asked = [];
  tab.on("request", (r) => {
    if (r.method() === "POST") asked.push(new URL(r.url()).pathname);
    if (r.url().includes("/v1/inbox/stream")) return r.abort(); // nothing of the real inbox comes in between
    if (r.method() !== "GET" || !r.url().includes("/v1/inbox?")) return r.continue();
    r.respond({ status: 200, contentType: "application/json", headers: { "Access-Control-Allow-Origin": "*" },
      body: JSON.stringify({ messages, counts: { total: links.length, unread: links.length, unseen: 0 } }) });
  });
  await show(tab, { locale: "en" });
  await until(tab, (root, n) => root.querySelectorAll("li").length === n, links.length);
  const hrefs = await inside(tab, (root) => [...root.querySelectorAll("a")].map((a) => a.href + " " + a.rel));
  must(hrefs.join() === "https://shop.example/t/1 noopener noreferrer", `hostile: the links are ${hrefs}`);
  must(await inside(tab, (root) => root.querySelectorAll("img").length) === 0, "hostile: a message became markup");
  await tab.click("landfall-inbox >>> .bell");
  await tab.click("landfall-inbox >>> .message");
  must(asked.every((path) => path === "/v1/inbox/..%2F0%3F/read"), `hostile: it asked for ${asked}`);
  await tab.close();
}

/** On a phone the panel fits the window. */
async function phone() {
  const tab = await open("ja", "light", "ltr", { width: 360, height: 640 });
  while (await messages(tab) < 3) await order(tab);
  await tab.click("landfall-inbox >>> .bell");
  await picture(tab, "ja-phone");
  const box = await inside(tab, (root) => { const r = root.querySelector(".panel").getBoundingClientRect(); return [r.left, r.right, r.bottom]; });
  must(box[0] >= 0 && box[1] <= 360 && box[2] <= 640, `phone: the panel is at ${box}`);
  await accessible(tab, "phone");
  await tab.close();
}

/** A browser's push service, which this machine has none of: subscriptions as the Push API gives them, kept for the page. */
async function pushService() {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const subscription = (kept) => kept && { endpoint: kept.json.endpoint, options: { applicationServerKey: bytes(kept.key).buffer }, toJSON: () => kept.json,
    unsubscribe: async () => { localStorage.removeItem("push"); return true; } };
  PushManager.prototype.getSubscription = async () => subscription(JSON.parse(localStorage.getItem("push")));
  PushManager.prototype.subscribe = async ({ applicationServerKey, userVisibleOnly }) => {
    if (!userVisibleOnly || bytes(applicationServerKey).length !== 65) throw new Error("no such key");
    const { publicKey } = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const kept = { key: applicationServerKey, json: { endpoint: "http://127.0.0.1:9/" + crypto.randomUUID(), expirationTime: null,
      keys: { p256dh: text(await crypto.subtle.exportKey("raw", publicKey)), auth: text(crypto.getRandomValues(new Uint8Array(16))) } } };
    localStorage.setItem("push", JSON.stringify(kept));
    return subscription(kept);
  };
}

/** The browser is told: switched on and off by keyboard, still on after a reload, ended for whoever comes next, and the worker
 * shows what it is told, with a link that may be opened. */
async function push() {
  const context = await browser.createBrowserContext();
  await context.overridePermissions(new URL(page).origin, ["notifications"]);
  for (const [locale, theme, dir] of [["en", "light", "ltr"], ["ar", "dark", "rtl"]]) {
    const tab = await context.newPage(), name = `push, ${locale}`;
    tab.on("pageerror", (e) => failures.push(`${name}: ${e.message}`));
    await tab.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    await tab.setBypassCSP(true);
    await tab.evaluateOnNewDocument(pushService);
    const asked = (method) => tab.waitForResponse((r) => r.url().includes("/v1/inbox/push") && r.request().method() === method);
    const is = (want) => until(tab, (root, want) => root.querySelector(".push").getAttribute("aria-checked") === want && !root.querySelector(".push").hidden, want);
    await show(tab, { locale, theme, dir });
    await is("false");
    await tab.click("landfall-inbox >>> .bell");
    const put = asked("POST");
    await inside(tab, (root) => root.querySelector(".push").focus());
    await tab.keyboard.press("Enter");
    must((await put).status() === 201, `${name}: the subscription is answered with ${(await put).status()}`);
    await is("true");
    await accessible(tab, name);
    await picture(tab, `${locale}-${theme}-${dir}-push`);
    await show(tab, { locale, theme, dir });
    await is("true");
    await tab.click("landfall-inbox >>> .bell");
    const dropped = asked("DELETE");
    await tab.click("landfall-inbox >>> .push");
    must((await dropped).status() === 204, `${name}: the end is answered with ${(await dropped).status()}`);
    await is("false");
    await tab.click("landfall-inbox >>> .push");
    await is("true");
    await show(tab, { locale: "de" }); // who comes next in this browser
    await is("false");
    must(await tab.evaluate(() => localStorage.getItem("push")) === null, `${name}: somebody else's subscription is still there`);
    await shown(tab, name);
    await tab.close();
  }
  await context.close();
}

/** Has the worker told of messages, and looks at what it shows. */
async function shown(tab, name) {
  const devtools = await tab.createCDPSession(), origin = new URL(page).origin;
  const registered = new Promise((found) => devtools.on("ServiceWorker.workerRegistrationUpdated", (e) => {
    for (const r of e.registrations) if (r.scopeURL.startsWith(origin) && !r.isDeleted) found(r.registrationId);
  }));
  await devtools.send("ServiceWorker.enable");
  const registrationId = await registered;
  const told = (data) => devtools.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data: JSON.stringify(data) });
  const all = async () => tab.evaluate(async () => {
    const [r] = await navigator.serviceWorker.getRegistrations();
    return (await r.getNotifications()).map((n) => [n.title, n.body, n.data.landfall].join(" | ")).sort();
  });
  const shows = async (data, title) => { // a browser that is busy starting the worker may lose what it is told; the same tag is the same notification
    for (let i = 0; i < 400 && !(await all()).some((n) => n.startsWith(title)); i++) {
      if (i % 40 === 0) await told(data);
      await new Promise((next) => setTimeout(next, 50));
    }
  };
  await told({ title: "of somebody else's" });
  await shows({ landfall: 1, title: "<b>Unterwegs</b>", body: "Wollmantel", link: "https://shop.example/t/1", tag: "a" }, "<b>Unterwegs");
  await shows({ landfall: 1, title: "Zugestellt", link: "javascript:alert(1)", tag: "b" }, "Zugestellt");
  const want = ["<b>Unterwegs</b> | Wollmantel | https://shop.example/t/1", `Zugestellt |  | ${new URL("inbox/", origin).href}`].join("\n");
  must((await all()).join("\n") === want, `${name}: the worker shows ${await all()}`);
}

for (const check of [live, looks, keyboard, asks, renewal, hostile, phone, push]) {
  try {
    await check();
  } catch (e) {
    failures.push(`${check.name}: ${e.message}`);
  }
}
await browser.close();
for (const f of failures) console.error(f);
console.log(failures.length ? `${failures.length} faults` : `no faults; pictures are in ${folder}`);
process.exit(failures.length ? 1 : 0);

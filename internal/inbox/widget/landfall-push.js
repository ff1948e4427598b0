/* The service worker of <landfall-inbox>: shows what the browser is told of new messages. A shop hosts it, or a worker of its own
   that imports it: importScripts("https://notify.example.com/inbox/landfall-push.js"). See docs/widget.md. */
(() => {
  "use strict";

  /** A link that may be opened: http or https. Without one the shop's page is. */
  const safe = (link) => {
    try {
      const u = new URL(link);
      if (u.protocol === "https:" || u.protocol === "http:") return u.href;
    } catch { /* it is none */ }
    return self.registration.scope;
  };

  self.addEventListener("push", (e) => {
    let m = null;
    try { m = e.data.json(); } catch { /* somebody else's */ }
    if (!m || m.landfall !== 1) return;
    e.stopImmediatePropagation();
    e.waitUntil(self.registration.showNotification(m.title, { body: m.body, tag: m.tag, renotify: true, dir: "auto", data: { landfall: safe(m.link) } }));
  });

  self.addEventListener("notificationclick", (e) => {
    const link = e.notification.data && e.notification.data.landfall;
    if (!link) return;
    e.notification.close();
    e.waitUntil((async () => {
      const open = (await self.clients.matchAll({ type: "window", includeUncontrolled: true })).find((c) => c.url === link);
      return open ? open.focus() : self.clients.openWindow(link);
    })());
  });
})();

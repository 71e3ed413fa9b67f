"use strict";
// Speaks the protocol of MCP Apps with the client that shows this page, and shows a run's pictures
// when its result has come. The run is read through the client: nothing here has a network.
(function () {
  const VERSION = "2026-01-26";
  const POLL_MS = 2000;
  const host = window.parent;
  const root = document.documentElement;
  const main = document.getElementById("main");
  const status = document.getElementById("status");
  const larger = document.getElementById("larger");
  const waiting = new Map();
  let last = 0;
  let able = {};
  let over = false;
  let shown = 0; // how many results have come: what an older one still reads is not shown

  const send = (message) => host.postMessage({ jsonrpc: "2.0", ...message }, "*");
  function ask(method, params) {
    const id = ++last;
    send({ id, method, params });
    return new Promise((done, failed) => waiting.set(id, { done, failed }));
  }
  const say = (text) => { status.textContent = text; };

  function dress(context) {
    if (!context) return;
    if (context.theme === "light" || context.theme === "dark") root.dataset.theme = context.theme;
    for (const [name, value] of Object.entries((context.styles && context.styles.variables) || {})) {
      if (name.startsWith("--") && value) root.style.setProperty(name, value);
    }
    const inset = context.safeAreaInsets;
    if (inset) root.style.padding = ["top", "right", "bottom", "left"].map((side) => `${Number(inset[side]) || 0}px`).join(" ");
    if (context.availableDisplayModes) larger.hidden = !context.availableDisplayModes.includes("fullscreen");
    if (context.displayMode) larger.textContent = context.displayMode === "fullscreen" ? "Smaller" : "Full screen";
    if (context.toolInfo && context.toolInfo.tool && main.getAttribute("aria-busy") === "true") {
      say(`Waiting: ${context.toolInfo.tool.title || context.toolInfo.tool.name}`);
    }
  }

  function plain(text) {
    const block = document.createElement("pre");
    block.textContent = text;
    block.tabIndex = 0;
    main.replaceChildren(block);
    main.setAttribute("aria-busy", "false");
    say("");
  }
  const words = (result) => (result.content || []).filter((part) => part.type === "text").map((part) => part.text).join("\n");

  // The markup comes from our own server, every text in it is escaped; scripts in it would not run.
  function show(picture) {
    const parsed = new DOMParser().parseFromString(picture.html, "text/html");
    main.replaceChildren(...parsed.body.childNodes);
    main.setAttribute("aria-busy", "false");
    say(picture.title);
    const data = picture.data || [];
    if (globalThis.slowcoachFlame) main.querySelectorAll(".flame").forEach((each, i) => slowcoachFlame(each, data[i]));
    if (globalThis.slowcoachTree) main.querySelectorAll("table.plan").forEach((each) => slowcoachTree(each));
    root.dataset.drawn = "yes";
  }

  async function result(given) {
    const turn = ++shown;
    const run = given.structuredContent && given.structuredContent.run_id;
    if (given.isError || !run || !able.serverResources) return plain(words(given));
    const uri = `slowcoach://runs/${encodeURIComponent(run)}/picture`;
    try {
      for (;;) {
        const read = await ask("resources/read", { uri });
        const picture = JSON.parse(read.contents[0].text);
        if (over || turn !== shown) return;
        if (picture.status !== "running") return show(picture);
        say(`${picture.title}: running`);
        await new Promise((done) => setTimeout(done, POLL_MS));
      }
    } catch {
      if (turn === shown) plain(words(given));
    }
  }

  const notices = {
    "ui/notifications/tool-input": () => say(status.textContent || "Working"),
    "ui/notifications/tool-result": result,
    "ui/notifications/tool-cancelled": (given) => plain(`Cancelled${given && given.reason ? `: ${given.reason}` : ""}`),
    "ui/notifications/host-context-changed": dress,
  };
  const requests = {
    ping: () => ({}),
    "ui/resource-teardown": () => {
      over = true;
      return {};
    },
  };

  addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== host || !message || message.jsonrpc !== "2.0") return;
    if (message.method === undefined) {
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (asked) message.error ? asked.failed(new Error(message.error.message)) : asked.done(message.result);
    } else if (message.id === undefined) {
      if (Object.hasOwn(notices, message.method)) notices[message.method](message.params || {});
    } else if (Object.hasOwn(requests, message.method)) {
      send({ id: message.id, result: requests[message.method]() });
    } else {
      send({ id: message.id, error: { code: -32601, message: "Method not found" } });
    }
  });

  larger.addEventListener("click", async () => {
    const mode = larger.textContent === "Smaller" ? "inline" : "fullscreen";
    const set = await ask("ui/request-display-mode", { mode }).catch(() => null);
    if (set) dress({ displayMode: set.mode });
  });

  let height = 0;
  function measure() {
    const now = Math.ceil(document.body.getBoundingClientRect().height + 2 * document.body.offsetTop);
    if (now === height) return;
    height = now;
    send({ method: "ui/notifications/size-changed", params: { width: Math.ceil(root.clientWidth), height } });
  }

  ask("ui/initialize", {
    protocolVersion: VERSION,
    appInfo: { name: "slowcoach", version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
  }).then((answer) => {
    able = answer.hostCapabilities || {};
    dress(answer.hostContext);
    send({ method: "ui/notifications/initialized" });
    new ResizeObserver(measure).observe(document.body);
  }, () => say("The client refused to start this picture."));
})();

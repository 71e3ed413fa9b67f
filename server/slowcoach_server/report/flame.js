"use strict";
// Draws each flame graph from its columns and makes it work by mouse, search and keyboard.
// Texts are only ever set as text: no name from a profile becomes markup.
(function () {
  const COLOURS = [4, 4, 2]; // shades of each kind: your code, libraries, runtime
  const PER_SECOND = { seconds: 1, milliseconds: 1e3, microseconds: 1e6, nanoseconds: 1e9 };
  const CELL = 20;
  const MOST_LINES = 400;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

  function tree(data) {
    const nodes = data.value.map((value, i) => ({
      n: data.name[i], place: data.place[i], kind: data.kind[i], v: value, c: [], parent: null,
      pair: data.before ? [data.before[i], data.after[i]] : null,
    }));
    for (let i = 1; i < nodes.length; i++) {
      nodes[i].parent = nodes[data.parent[i]];
      nodes[i].parent.c.push(nodes[i]);
    }
    return nodes[0];
  }

  // A change counts when it is a hundredth of the whole; its shade is how large it is for the frame.
  function changed(node, whole) {
    const [before, after] = node.pair;
    const by = after - before;
    if (Math.abs(by) < 0.01 * whole) return "var(--flame-2-0)";
    const part = Math.abs(by) / Math.max(before, after);
    return `var(--flame-${by > 0 ? "more" : "less"}-${part > 0.5 ? 2 : part > 0.15 ? 1 : 0})`;
  }

  function shade(node) {
    let hash = 0;
    for (const letter of node.n + node.place) hash = (hash * 31 + letter.codePointAt(0)) % 9973;
    return `var(--flame-${node.kind}-${hash % COLOURS[node.kind]})`;
  }

  function amount(value, unit) {
    const per = PER_SECOND[unit];
    if (!per) return `${value.toLocaleString("en")} ${unit === "none" ? "" : unit}`.trim();
    const seconds = value / per;
    if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
    return seconds >= 1e-3 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${(seconds * 1e6).toPrecision(3)} µs`;
  }

  // The frames from `top` down that have a hundredth of it, as lines of text.
  function text(top, words) {
    const lines = [];
    const walk = [[top, 0]];
    while (walk.length && lines.length < MOST_LINES) {
      const [node, depth] = walk.pop();
      if (node.v < 0.01 * top.v) continue;
      lines.push(`${"  ".repeat(Math.min(depth, 40))}${words(node)}`);
      const inner = [...node.c].sort((a, b) => a.v - b.v);
      for (const child of inner) walk.push([child, depth + 1]);
    }
    return lines.join("\n");
  }

  // Browsers that refuse the clipboard to a frame still copy what is selected; else it stays there.
  async function copy(said, after) {
    const area = document.createElement("textarea");
    area.className = "copied";
    area.readOnly = true;
    area.value = said;
    area.setAttribute("aria-label", "The graph as text");
    after.after(area);
    area.select();
    const done = document.execCommand("copy") || (await writes(said));
    if (done) area.remove();
    return done;
  }
  async function writes(said) {
    try {
      await navigator.clipboard.writeText(said);
      return true;
    } catch {
      return false;
    }
  }

  function draw(element, data) {
    const box = element.querySelector(".chart");
    const details = element.querySelector(".details");
    const search = element.querySelector("input");
    const thread = element.querySelector("select");
    const turn = element.querySelector(".turn");
    const percent = (share) => (share ? `${(100 * share).toPrecision(3)} %` : "0 %");
    const figures = (node) =>
      node.pair
        ? `${node.pair.map(percent).join(" → ")} of the whole before`
        : `${((100 * node.v) / root.v).toPrecision(3)} %, ${amount(node.v, data.unit)}`;
    const worded = (node) => `${node.n}${node.place ? ` (${node.place})` : ""}: ${figures(node)}`;
    const words = (d) => worded(d.data);
    const colour = (node) => (node.pair ? changed(node, root.v) : shade(node));
    const above = () => turn.getAttribute("aria-pressed") === "true"; // callers: an icicle
    let root, chart, mount, current, zoomed;

    function begin() {
      root = tree((thread && data.threads[thread.value]) || data);
      current = zoomed = null;
      details.textContent = "";
      box.replaceChildren();
      chart = d3.flamegraph()
        .width(box.clientWidth || 320)
        .cellHeight(CELL)
        .minFrameSize(1)
        .inverted(above())
        .resetHeightOnZoom(true)
        .transitionDuration(still ? 0 : 200)
        .getName((d) => d.data.n)
        .label(words)
        .onClick((d) => { zoomed = d; })
        .setColorMapper((d) => (d.highlight ? "var(--mark)" : colour(d.data)))
        .setSearchMatch((d, term) => {
          const wanted = term.toLowerCase();
          return wanted !== "" && `${d.data.n} ${d.data.place}`.toLowerCase().includes(wanted);
        })
        .setSearchHandler((found, sum, total) => {
          details.textContent = `${found.length} frames, ${((100 * sum) / total).toPrecision(3)} % of the whole`;
        })
        .setDetailsElement(details);
      mount = d3.select(box).datum(root);
      mount.call(chart);
      box.querySelector("svg").setAttribute("aria-hidden", "true"); // the table below says the same
      if (search.value) chart.search(search.value);
      if (!above()) box.scrollTop = box.scrollHeight;
    }
    begin();

    search.addEventListener("input", () => (search.value ? chart.search(search.value) : chart.clear()));
    element.querySelector(".reset").addEventListener("click", reset);
    if (thread) thread.addEventListener("change", begin);
    turn.addEventListener("click", () => {
      turn.setAttribute("aria-pressed", String(!above()));
      begin();
    });

    function reset() {
      chart.resetZoom();
      zoomed = null;
      show(null);
    }
    const button = element.querySelector(".copy");
    button.addEventListener("click", async () => {
      for (const old of element.querySelectorAll(".copied")) old.remove();
      const done = await copy(text(zoomed ? zoomed.data : root, worded), details);
      details.textContent = done ? "Copied." : "Copy it from here:";
      if (done) button.focus();
    });
    function show(node) {
      current = node;
      for (const old of box.querySelectorAll(".current")) old.classList.remove("current");
      if (!node) {
        details.textContent = "";
        return;
      }
      details.textContent = words(node);
      mount.selectAll("g.frame").filter((d) => d === node).each(function () {
        this.classList.add("current");
        this.scrollIntoView({ block: "nearest", inline: "nearest" });
      });
    }
    const visible = (nodes) => (nodes || []).filter((n) => n.value > 0);
    const steps = {
      in: (n) => visible(n.children)[0],
      out: (n) => n.parent,
      ArrowRight: (n) => beside(n, 1),
      ArrowLeft: (n) => beside(n, -1),
    };
    const step = (key) => steps[{ ArrowDown: above() ? "in" : "out", ArrowUp: above() ? "out" : "in" }[key] || key];
    function beside(node, by) {
      const row = visible(node.parent && node.parent.children);
      return row[row.indexOf(node) + by];
    }
    box.addEventListener("keydown", (event) => {
      const top = mount.datum();
      const move = event.key.startsWith("Arrow") && step(event.key);
      if (move) show((current && move(current)) || current || top);
      else if (event.key === "Enter" && current) chart.zoomTo((zoomed = current));
      else if (event.key === "Escape") reset();
      else return;
      event.preventDefault();
    });

    let width = box.clientWidth;
    function fit(to) {
      if (!to || to === width) return;
      width = to;
      chart.width(width).update();
    }
    new ResizeObserver(() => fit(box.clientWidth)).observe(box);
    addEventListener("beforeprint", () => fit(Math.min(box.clientWidth, 680)));
    addEventListener("afterprint", () => fit(box.clientWidth));
  }

  const given = (element) => JSON.parse(document.getElementById(element.dataset.source).textContent);
  for (const element of document.querySelectorAll(".flame")) draw(element, given(element));
  globalThis.slowcoachFlame = draw; // an app calls it when its data has come
  document.documentElement.dataset.drawn = "yes";
})();

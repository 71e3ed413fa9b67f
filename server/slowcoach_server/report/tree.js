"use strict";
// Makes a plan's table a tree: steps fold, and arrow keys walk it, as in any tree of a desktop.
(function () {
  function grow(table) {
    const rows = [...table.tBodies[0].rows];
    const level = (row) => Number(row.getAttribute("aria-level"));
    const folded = (row) => row.getAttribute("aria-expanded") === "false";
    const isParent = (i) => i + 1 < rows.length && level(rows[i + 1]) > level(rows[i]);
    table.classList.add("folding");
    rows.forEach((row, i) => {
      row.tabIndex = i === 0 ? 0 : -1;
      if (!isParent(i)) return;
      row.setAttribute("aria-expanded", "true");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "fold";
      button.tabIndex = -1;
      button.textContent = "▾";
      button.setAttribute("aria-label", "Fold this step");
      button.addEventListener("click", () => fold(row, !folded(row)));
      row.cells[0].prepend(button);
    });

    function fold(row, shut) {
      row.setAttribute("aria-expanded", String(!shut));
      const button = row.querySelector(".fold");
      button.textContent = shut ? "▸" : "▾";
      button.setAttribute("aria-label", shut ? "Unfold this step" : "Fold this step");
      let hidden = Infinity;
      for (const each of rows) {
        each.hidden = level(each) > hidden;
        if (!each.hidden) hidden = folded(each) ? level(each) : Infinity;
      }
    }
    function go(row) {
      if (!row) return;
      for (const each of rows) each.tabIndex = each === row ? 0 : -1;
      row.focus();
    }
    const seen = () => rows.filter((row) => !row.hidden);
    const beside = (row, by) => seen()[seen().indexOf(row) + by];
    const parent = (row) => rows.slice(0, rows.indexOf(row)).reverse().find((r) => level(r) < level(row));
    const keys = {
      ArrowDown: (row) => go(beside(row, 1)),
      ArrowUp: (row) => go(beside(row, -1)),
      Home: () => go(seen()[0]),
      End: () => go(seen().at(-1)),
      ArrowRight: (row) => (folded(row) ? fold(row, false) : row.hasAttribute("aria-expanded") && go(beside(row, 1))),
      ArrowLeft: (row) => (row.getAttribute("aria-expanded") === "true" ? fold(row, true) : go(parent(row))),
      Enter: (row) => row.hasAttribute("aria-expanded") && fold(row, !folded(row)),
    };
    table.addEventListener("keydown", (event) => {
      const row = event.target.closest("tr[aria-level]");
      if (!row || !keys[event.key] || event.target.closest("button")) return;
      keys[event.key](row);
      event.preventDefault();
    });
  }
  for (const table of document.querySelectorAll("table.plan")) grow(table);
  globalThis.slowcoachTree = grow; // an app calls it when its data has come
})();

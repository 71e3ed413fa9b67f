'use strict';

/** Words, and their first letters, of the sheets' notes. */
class Finder {
  #lists = new Map();

  add(id, text) {
    for (const word of new Set(text.toLowerCase().match(/[a-z]{3,}/g) ?? [])) {
      for (let length = 3; length <= word.length; length++) {
        const start = word.slice(0, length);
        const list = this.#lists.get(start);
        if (list) list.push(id);
        else this.#lists.set(start, [id]);
      }
    }
  }

  seal() {
    for (const [start, list] of this.#lists) this.#lists.set(start, Uint32Array.from(new Set(list)).sort());
  }

  find(text) {
    const words = text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
    const lists = words.map((word) => this.#lists.get(word) ?? new Uint32Array()).sort((a, b) => a.length - b.length);
    if (!lists.length) return [];
    const rest = lists.slice(1).map((list) => new Set(list));
    return [...lists[0]].filter((id) => rest.every((set) => set.has(id)));
  }
}

module.exports = { Finder };

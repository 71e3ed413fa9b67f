'use strict';
// Finds the Maps of the program that lose entries, and counts of some of them for a second what is
// found, what is missed, and what was lost and comes back; and notes the stacks that put it in.
// `look` begins a search when none goes on. `stop` undoes everything.
module.exports = () => {
  const LEAST = 4, TRIED = 3, TIMES = 2, SEEK_MS = 200, WATCH_MS = 1000, MAPS = 200, CALLS = 50_000;
  const STACKS = 5, EACH = 7, DEPTH = 30, KEYS = 20_000;
  const NAMES = ['get', 'has', 'set', 'delete', 'clear'];
  const clock = performance.now.bind(performance);
  const known = new Map(); // those that lose entries, and what is told of them; empty between looks
  const tried = new WeakMap();
  const found = [];
  const under = new Set(); // what undoes the looking that goes on

  const stack = () => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    let frames = [];
    Error.stackTraceLimit = DEPTH;
    Error.prepareStackTrace = (_, sites) => {
      frames = sites.map((site) => [site.getFunctionName() ?? '', site.getFileName() ?? '', site.getLineNumber(), site.getColumnNumber()]);
      return '';
    };
    try {
      void new Error().stack;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      Error.prepareStackTrace = prepareStackTrace;
    }
    return frames.filter(([, file]) => file && !file.startsWith('node:') && !/(^|[\\/])node_caches\.cjs$/.test(file)).reverse();
  };
  const once = (undo, ms) => {
    const timer = setTimeout(() => finish(), ms).unref();
    const finish = () => {
      if (!under.delete(finish)) return;
      clearTimeout(timer);
      undo();
    };
    under.add(finish);
    return finish;
  };
  const replaced = (object, name, note) => {
    const own = Object.getOwnPropertyDescriptor(object, name);
    const original = object[name];
    const ours = { [name](...given) {
      const before = name === 'clear' ? [...this.keys()].slice(0, KEYS) : null;
      const answer = original.apply(this, given);
      note(this, given[0], answer, before);
      return answer;
    } }[name];
    Object.defineProperty(object, name, { value: ours, configurable: true, writable: true, enumerable: false });
    return () => {
      if (object[name] !== ours) return; // someone replaced it again: ours only passes on by then
      if (own) Object.defineProperty(object, name, own); else delete object[name];
    };
  };
  // which Maps lose entries at all
  const seek = () => {
    const note = (map) => {
      const count = known.get(map);
      if (count !== undefined || known.size < MAPS) known.set(map, (count ?? 0) + 1);
    };
    const undo = ['delete', 'clear'].map((name) => replaced(Map.prototype, name, (map, _, done) => done !== false && note(map)));
    once(() => {
      for (const each of undo) each();
      const often = [...known].filter(([map, n]) => n > 1 && Object.isExtensible(map) && map.size >= LEAST && (tried.get(map)?.times ?? 0) < TIMES);
      known.clear();
      for (const [map] of often.sort((a, b) => b[1] - a[1]).slice(0, TRIED)) watch(map);
    }, SEEK_MS);
  };
  const watch = (map) => {
    if (NAMES.some((name) => Object.hasOwn(map, name))) return;
    const told = tried.get(map) ?? { times: 0, least: Infinity, size: 0, hits: 0, misses: 0, sets: 0, back: 0, lost: 0, ms: 0, stacks: [] };
    if (!told.times) found.push(told);
    told.times += 1;
    tried.set(map, told);
    const begun = clock(), gone = new Set(), stacks = new Map();
    let calls = 0;
    const asked = (there) => {
      if (there) told.hits += 1; else told.misses += 1;
      if ((calls += 1) > CALLS) finish();
    };
    const undo = [
      replaced(map, 'get', (_, key, answer) => asked(answer !== undefined)),
      replaced(map, 'has', (_, key, answer) => asked(answer)),
      replaced(map, 'set', (_, key) => {
        told.sets += 1;
        told.size = Math.max(told.size, map.size);
        told.least = Math.min(told.least, map.size);
        if (gone.delete(key)) told.back += 1;
        if (told.sets % EACH !== 1 || stacks.size >= STACKS) return;
        const frames = stack();
        stacks.set(JSON.stringify(frames), frames);
      }),
      replaced(map, 'delete', (_, key, done) => {
        if (!done) return;
        told.lost += 1;
        if (gone.size < KEYS) gone.add(key);
      }),
      replaced(map, 'clear', (_, key, done, before) => {
        told.lost += before.length;
        told.least = Infinity;
        for (const each of before) if (gone.size < KEYS) gone.add(each);
      }),
    ];
    const finish = once(() => {
      for (const each of undo) each();
      told.ms += clock() - begun;
      told.stacks.push(...stacks.values());
    }, WATCH_MS);
  };
  return {
    look() {
      if (!under.size) seek();
    },
    read() {
      for (const finish of [...under]) finish();
      for (const finish of [...under]) finish(); // what was begun by the end of the seeking
      return found.filter(({ ms, sets }) => ms > 0 && sets > 0);
    },
    stop() {
      for (const finish of [...under]) finish();
      for (const finish of [...under]) finish();
    },
  };
};

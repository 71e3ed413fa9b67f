'use strict';
// Finds the caches of the program that lose entries: Maps, and plain objects that are used as such.
// For a second at a time it counts what is asked for and missed, and what of that was there before
// and is put in again; and notes the stacks that put it in. What is under way (a lock by key, a
// request that others join) is put in and taken out too: it is told by who takes it out, and that
// nothing is done between the miss and the entry. `objects` are those to look at. `look` begins a
// search when none goes on. `stop` undoes everything.
module.exports = () => {
  const TRIED = 3, TIMES = 2, SEEK_MS = 200, WATCH_MS = 1000, MAPS = 200, CALLS = 50_000;
  const STACKS = 5, EACH = 7, DEPTH = 30, KEYS = 20_000;
  const SAME_TURN_MS = 0.2, MADE_MS = 0.3, LEAST_KEYS = 2, SLICE_MS = 2, PAUSE_MS = 20;
  const NAMES = ['get', 'has', 'set', 'delete', 'clear'];
  const clock = performance.now.bind(performance);
  const { get: ofMap, has: inMap } = Map.prototype;
  const known = new Map(); // those that lose entries, and what is told of them; empty between looks
  const tried = new WeakMap();
  const found = [];
  const under = new Set(); // what undoes the looking that goes on
  let objects = [];

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
  const replaced = (object, name, note, ahead = () => undefined) => {
    const own = Object.getOwnPropertyDescriptor(object, name);
    const original = object[name];
    const ours = { [name](...given) {
      const before = ahead(this, given);
      const answer = original.apply(this, given);
      note(this, given, answer, before);
      return answer;
    } }[name];
    Object.defineProperty(object, name, { value: ours, configurable: true, writable: true, enumerable: false });
    return () => {
      if (object[name] !== ours) return; // someone replaced it again: ours only passes on by then
      if (own) Object.defineProperty(object, name, own); else delete object[name];
    };
  };
  const isThenable = (value) => typeof value?.then === 'function';

  // is it the same content, made anew? Numbers may differ by the time that went by between the two
  const NODES = 200, FIRST = 30;
  const alike = (one, other, passed, seen) => {
    if (one === other) return true;
    if ((seen.nodes += 1) > NODES || typeof one !== typeof other || one === null || other === null) return seen.nodes > NODES;
    if (typeof one === 'number') return [1, 1000].some((unit) => Math.abs((other - one) * unit - passed) < 5 + 0.3 * passed);
    if (typeof one !== 'object') return typeof one === 'function';
    if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other) || isThenable(one)) return false;
    if (one instanceof Date) return alike(one.getTime(), other.getTime(), passed, seen);
    seen.deep += seen.level > 0 ? 1 : 0;
    if (ArrayBuffer.isView(one)) return one.byteLength === other.byteLength;
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length) return false;
    seen.level += 1;
    const same = keys.slice(0, FIRST).every((key) => {
      const [mine, its] = [one, other].map((each) => Object.getOwnPropertyDescriptor(each, key));
      return its && 'value' in mine && 'value' in its && alike(mine.value, its.value, passed, seen);
    });
    seen.level -= 1;
    return same;
  };
  // made anew down to its parts: a copy of an entry that was changed shares its parts with it
  const madeAnew = (one, other, passed) => {
    const seen = { nodes: 0, deep: 0, level: 0 };
    return alike(one, other, passed, seen) && seen.deep > 0;
  };

  // which Maps lose entries, or have them replaced, at all
  const seek = () => {
    let calls = 0;
    const note = (map) => {
      const count = known.get(map);
      if (count !== undefined || known.size < MAPS) known.set(map, (count ?? 0) + 1);
    };
    const counted = () => { if ((calls += 1) > CALLS) finish(); };
    const lost = ['delete', 'clear'].map((name) => replaced(Map.prototype, name, (map, _, done) => {
      counted();
      if (done !== false) note(map);
    }));
    const put = replaced(Map.prototype, 'set', (map, [, value], __, before) => {
      counted();
      if (before !== undefined && before !== value && typeof value === 'object') note(map);
    }, (map, [key]) => (map === known ? undefined : ofMap.call(map, key)));
    const finish = once(() => {
      for (const each of [put, ...lost]) each();
      const often = [...known].filter(([map, n]) => n > 1 && Object.isExtensible(map) && (tried.get(map)?.times ?? 0) < TIMES);
      known.clear();
      for (const [map] of often.sort((a, b) => b[1] - a[1]).slice(0, TRIED)) watch(map);
    }, SEEK_MS);
  };
  const toldOf = (container, kind) => {
    const told = tried.get(container) ?? { kind, times: 0, size: 0, hits: 0, misses: 0, sets: 0, back: 0, again: 0, lost: 0, ms: 0, stacks: [] };
    if (!told.times) found.push(told);
    told.times += 1;
    tried.set(container, told);
    return told;
  };
  const noted = (told, stacks) => {
    if (told.back + told.again > 1 && (told.back + told.again) % EACH) return;
    if (stacks.size >= STACKS) return;
    const frames = stack();
    stacks.set(JSON.stringify(frames), frames);
  };
  const watch = (map) => {
    if (NAMES.some((name) => Object.hasOwn(map, name))) return;
    const told = toldOf(map, 'Map'), begun = clock(), stacks = new Map();
    const gone = new Map(); // what was lost: whether beside another entry, and since when it is missed
    const there = new Map(); // what is there: when it was put in, since when it is asked for
    let calls = 0, last = { key: undefined, at: -Infinity };
    const step = (key) => {
      if ((calls += 1) > CALLS) finish();
      const now = clock(), before = last;
      last = { key, at: now };
      return { now, beside: before.key !== key && now - before.at < SAME_TURN_MS };
    };
    const asked = (key, answered) => {
      const { now } = step(key);
      if (answered) {
        told.hits += 1;
        const one = there.get(key);
        if (one) one.asked ??= now;
      } else {
        told.misses += 1;
        const one = gone.get(key);
        if (one) one.missed ??= now;
      }
    };
    const leaves = (key, evicted) => {
      told.lost += 1;
      there.delete(key);
      if (gone.size < KEYS) gone.set(key, { evicted, missed: null });
    };
    let out = null; // left a moment ago, perhaps to make room for what comes next
    const undo = [
      replaced(map, 'get', (_, [key], answer) => asked(key, answer !== undefined)),
      replaced(map, 'has', (_, [key], answer) => asked(key, answer)),
      replaced(map, 'set', (_, [key, value], __, before) => {
        const { now, beside } = step(key);
        if (out && beside && out.key !== key) {
          const one = gone.get(out.key);
          if (one) one.evicted = true;
        }
        out = null;
        told.sets += 1;
        told.size = Math.max(told.size, map.size);
        const one = gone.get(key), old = there.get(key);
        gone.delete(key);
        if (one?.missed != null && (one.evicted || (now - one.missed >= MADE_MS && !isThenable(value)))) {
          told.back += 1;
          noted(told, stacks);
        } else if (old?.asked != null && now - old.asked >= MADE_MS && madeAnew(before, value, now - old.at)) {
          told.again += 1;
          noted(told, stacks);
        }
        if (there.size < KEYS) there.set(key, { at: now, asked: null });
      }, (_, [key]) => ofMap.call(map, key)),
      replaced(map, 'delete', (_, [key], done) => {
        const { beside } = step(key);
        if (!done) return;
        leaves(key, beside);
        out = { key };
      }),
      replaced(map, 'clear', (_, __, ___, before) => { for (const key of before) leaves(key, true); }, () => [...map.keys()].slice(0, KEYS)),
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

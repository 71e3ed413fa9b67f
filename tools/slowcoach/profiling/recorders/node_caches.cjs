'use strict';
// Finds the caches of the program that lose entries: Maps, objects of classes with `get` and `set`,
// and plain objects that are used as such.
// For a second at a time it counts what is asked for and missed, and what of that was there before
// and is put in again; and notes the stacks that asked for it and that put it in. What is under way (a lock by key, a
// request that others join) is put in and taken out too: it is told by who takes it out, and that
// nothing is done between the miss and the entry. `objects` are those to look at. `look` begins a
// search when none goes on. `stop` undoes everything.
module.exports = () => {
  const TRIED = 6, TIMES = 2, SEEK_MS = 200, WATCH_MS = 1000, MAPS = 200, CALLS = 50_000;
  const STACKS = 5, EACH = 7, DEPTH = 30, KEYS = 20_000;
  const SAME_TURN_MS = 0.2, MADE_MS = 0.1, LONG = 30;
  const LEAST_KEYS = 2, MOST_OBJECTS = 20_000, ALIKE = 10, KIND = 40, FEW = 1000, STORES = 80, SLICE = 2000, PAUSE_MS = 15, FULL = 0.9, LEAST_FULL = 4, OFTEN = 0.7, DEEP = 2;
  const NAMES = ['get', 'has', 'set', 'delete', 'clear'];
  const clock = performance.now.bind(performance), { random } = Math;
  const { get: ofMap, has: inMap } = Map.prototype;
  const ours = () => Object.preventExtensions(new Map()); // so that no look at the program's Maps takes it
  const known = ours(); // those that lose entries, and what is told of them; empty between looks
  const tried = new WeakMap();
  const found = [];
  const under = new Set(); // what undoes the looking that goes on
  let objects = [], stores = [];

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
    if (typeof one === 'number') {
      const seconds = one > 1e9 && one < 1e10;
      return Math.abs((other - one) * (seconds ? 1000 : 1) - passed) < (seconds ? 1000 : 5) + 0.1 * passed;
    }
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
    return alike(one, other, passed, seen) && seen.deep >= DEEP;
  };

  // which Maps lose entries at all. Only what takes out is replaced for all Maps: V8 would never
  // inline the look-ups of a program again
  const seek = () => {
    const note = (map) => {
      const count = known.get(map);
      if (count !== undefined || known.size < MAPS) known.set(map, (count ?? 0) + 1);
    };
    const undo = ['delete', 'clear'].map((name) => replaced(Map.prototype, name, (map, _, done) => {
      if (done !== false && Object.isExtensible(map)) note(map);
    }));
    once(() => {
      for (const each of undo.reverse()) each();
      const often = [...known].filter(([map, n]) => n > 1 && (tried.get(map)?.times ?? 0) < TIMES);
      known.clear();
      for (const [map] of often.sort((a, b) => b[1] - a[1]).slice(0, TRIED)) watch(map);
    }, SEEK_MS);
  };

  // plain objects whose keys come and go
  const lastOf = (object) => {
    if (isMap(object)) {
      const keys = object.size <= FEW ? [...object.keys()] : [];
      const last = keys[keys.length - 1];
      return [object.size, last, ofMap.call(object, last)];
    }
    const keys = Object.keys(object);
    const key = keys[keys.length - 1];
    const value = Object.getOwnPropertyDescriptor(object, key)?.value;
    return [keys.length, key, typeof value === 'object' ? value : null];
  };
  const isMap = (object) => Object.getPrototypeOf(object) === Map.prototype && Object.isExtensible(object);
  const isDictionary = (object) => Object.getPrototypeOf(object) === Object.prototype && Object.isExtensible(object);
  // an object of a class that keeps values by key, however it does
  const methodOf = (object, name) => {
    for (let at = Object.getPrototypeOf(object); at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      const own = Object.getOwnPropertyDescriptor(at, name);
      if (own) return typeof own.value === 'function' ? own.value : null;
    }
    return null;
  };
  const isStore = (object) => typeof object === 'object' && Object.isExtensible(object) && !(object instanceof WeakMap)
    && !isMap(object) && ['get', 'set', 'delete'].every((name) => !Object.hasOwn(object, name))
    && Boolean(methodOf(object, 'get') && methodOf(object, 'set') && ['delete', 'del', 'has', 'clear', 'peek'].some((name) => methodOf(object, name)));
  const scan = () => {
    const all = objects;
    objects = [];
    let next = 0, timer;
    const changed = [];
    const finish = () => {
      clearTimeout(timer);
      under.delete(finish);
    };
    const step = () => {
      const end = Math.min(next + SLICE, all.length);
      for (; next < end && changed.length < TRIED; next += 1) {
        const [object, ...before] = all[next];
        // like requests leave the same keys: then it is told by what is made anew for the last one
        if ((isDictionary(object) || isMap(object)) && lastOf(object).some((each, k) => each !== before[k])) changed.push(object);
      }
      if (next < all.length && changed.length < TRIED) {
        timer = setTimeout(step, PAUSE_MS).unref();
        return;
      }
      finish();
      for (const object of changed) (isMap(object) ? watch : watchObject)(object);
    };
    under.add(finish);
    step();
  };
  // what an object does not have is asked of its prototype: there it can be seen what is missed and
  // what is put in anew
  const watchObject = (object) => {
    const told = toldOf(object, 'object'), begun = clock(), stacks = ours();
    const seen = new Set(Object.keys(object)), missed = ours(), look = everySoMany();
    const values = ours(); // what was put in, and when
    told.size = Math.max(told.size, seen.size);
    let calls = 0, finish = () => {};
    const asked = (key) => {
      if (typeof key !== 'string' || key in Object.prototype) return;
      told.misses += 1;
      if (!missed.has(key) && missed.size < KEYS) missed.set(key, { frames: look(), at: clock() });
      if ((calls += 1) > CALLS) finish();
    };
    const between = new Proxy(Object.prototype, {
      get(target, key, receiver) {
        if (receiver === object) asked(key);
        return Reflect.get(target, key, receiver);
      },
      has(target, key) {
        asked(key);
        return Reflect.has(target, key);
      },
      set(target, key, value, receiver) {
        if (receiver === object && typeof key === 'string') {
          const one = missed.get(key);
          missed.delete(key);
          told.sets += 1;
          const now = clock(), old = values.get(key);
          const made = one && now - one.at >= MADE_MS && !isThenable(value);
          if (seen.has(key) && (made || (old && madeAnew(old.value, value, now - old.at)))) {
            told.back += 1;
            noted(stacks, one?.frames ?? look());
          }
          if (values.size < KEYS) values.set(key, { value, at: now });
          if (seen.size < KEYS) seen.add(key);
        }
        return Reflect.set(target, key, value, receiver);
      },
    });
    Object.setPrototypeOf(object, between);
    finish = once(() => {
      if (Object.getPrototypeOf(object) === between) Object.setPrototypeOf(object, Object.prototype);
      told.ms += clock() - begun;
      told.stacks.push(...stacks.values());
    }, WATCH_MS);
  };
  const toldOf = (container, kind) => {
    const told = tried.get(container) ?? { kind, times: 0, size: 0, hits: 0, misses: 0, sets: 0, back: 0, again: 0, quick: 0, full: 0, lost: 0, ms: 0, stacks: [] };
    if (!told.times) found.push(told);
    told.times += 1;
    tried.set(container, told);
    return told;
  };
  const noted = (stacks, asked) => {
    if (!asked || stacks.size >= STACKS) return;
    const both = [asked, stack()];
    stacks.set(JSON.stringify(both), both);
  };
  // the stack of every so many look-ups that miss
  const everySoMany = () => {
    let count = 0;
    return () => ((count += 1) === 1 || random() * EACH < 1 ? stack() : null);
  };
  // what a cache keeps rather than a lock by key: that holds who has it, since when, or a promise
  const isContent = (value) => {
    if (typeof value === 'string') return value.length >= LONG;
    if (typeof value === 'number') return /[\\/]node_modules[\\/]/.test(stack().at(-1)?.[1] ?? ''); // a library's index
    if (typeof value !== 'object' || value === null) return false;
    const parts = Object.keys(value).slice(0, FIRST).map((key) => Object.getOwnPropertyDescriptor(value, key).value);
    const held = parts.some((part) => typeof part === 'function' || isThenable(part));
    return !held && parts.some((part) => typeof part === 'object' && part !== null);
  };
  // a store's own methods: what it had, does not find any more, and is given again
  const watchStore = (store) => {
    const told = toldOf(store, 'store'), begun = clock(), stacks = ours();
    const seen = new Set(), missed = ours(), look = everySoMany();
    let calls = 0, finish = () => {};
    const asked = (_, [key], answer) => {
      if ((calls += 1) > CALLS) finish();
      if (answer !== undefined && answer !== null && answer !== false) {
        told.hits += 1;
        missed.delete(key);
        return;
      }
      told.misses += 1;
      if (seen.has(key) && !missed.has(key) && missed.size < KEYS) missed.set(key, { frames: look(), at: clock() });
    };
    const undo = [
      ...['get', 'has'].filter((name) => methodOf(store, name)).map((name) => replaced(store, name, asked)),
      replaced(store, 'set', (_, [key, value]) => {
        told.sets += 1;
        const one = missed.get(key);
        missed.delete(key);
        if (one && clock() - one.at >= MADE_MS && !isThenable(value)) {
          told.back += 1;
          noted(stacks, one.frames);
        }
        if (seen.size < KEYS) seen.add(key);
        told.size = Math.max(told.size, seen.size);
      }),
    ];
    finish = once(() => {
      for (const each of undo.reverse()) each();
      told.ms += clock() - begun;
      told.stacks.push(...stacks.values());
    }, WATCH_MS);
  };
  const watch = (map) => {
    if ((tried.get(map)?.times ?? 0) >= TIMES) return;
    if (NAMES.some((name) => Object.hasOwn(map, name))) return;
    const told = toldOf(map, 'Map'), begun = clock(), stacks = ours();
    const gone = ours(); // what was lost: whether beside another entry, and since when it is missed
    const there = ours(); // what is there: when it was put in, since when it is asked for
    const look = everySoMany();
    let calls = 0, last = { key: undefined, at: -Infinity, read: false };
    const step = (key, read = false) => {
      if ((calls += 1) > CALLS) finish();
      const now = clock(), before = last;
      last = { key, at: now, read };
      const soon = now - before.at < SAME_TURN_MS;
      return { now, beside: soon && before.key !== key, after: soon && before.key === key && before.read };
    };
    const wanted = (one) => {
      if (!one) return;
      one.asks += 1;
      if (one.asked === null) Object.assign(one, { frames: look(), asked: clock() }); // a look takes its time
    };
    const asked = (key, answered) => {
      step(key, true);
      if (answered) {
        told.hits += 1;
        wanted(there.get(key));
      } else {
        told.misses += 1;
        wanted(gone.get(key));
      }
    };
    // one whose time is over may be taken out by the look-up that finds it
    const leaves = (key, evicted, size, after = false) => {
      told.lost += 1;
      if (size >= FULL * told.size) told.full += 1;
      there.delete(key);
      if (gone.size < KEYS) gone.set(key, after ? { evicted, after, asks: 1, frames: look(), asked: clock() } : { evicted, after, asks: 0, asked: null, frames: null });
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
        const made = one?.asked != null && now - one.asked >= MADE_MS && !isThenable(value);
        if (one?.after && !(made && isContent(value))) {
          // it may be a lock that was given back
        } else if (made || (one?.asked != null && one.evicted)) {
          told[made ? 'back' : 'quick'] += 1;
          noted(stacks, one.frames);
        } else if (old?.asked != null && now - old.asked >= MADE_MS && madeAnew(before, value, now - old.at)) {
          told.again += 1;
          noted(stacks, old.frames);
        }
        // others that asked meanwhile make it as well
        const { asks = 0, asked = null, frames = null } = one ?? old ?? {};
        if (there.size < KEYS) there.set(key, { at: now, asks: Math.max(asks - 1, 0), asked: asks > 1 ? asked : null, frames: asks > 1 ? frames : null });
      }, (_, [key]) => ofMap.call(map, key)),
      replaced(map, 'delete', (_, [key], done) => {
        const { beside, after } = step(key);
        if (!done) return;
        leaves(key, beside, map.size + 1, after);
        out = { key };
      }),
      replaced(map, 'clear', (_, __, ___, before) => { for (const key of before) leaves(key, true, before.length); }, () => [...map.keys()].slice(0, KEYS)),
    ];
    const finish = once(() => {
      for (const each of undo.reverse()) each();
      told.ms += clock() - begun;
      told.stacks.push(...stacks.values());
      // entries that are made later, as promises are: by a cache that is full whenever one goes
      if (told.size >= LEAST_FULL && told.full >= OFTEN * told.lost) told.back += told.quick;
      told.quick = 0;
    }, WATCH_MS);
  };
  return {
    take(every) {
      const kinds = new Map(), found = [];
      for (const object of every) {
        if (found.length >= MOST_OBJECTS) break;
        if (stores.length < STORES && isStore(object)) stores.push(object);
        const map = isMap(object);
        if (!map && !isDictionary(object)) continue;
        const last = lastOf(object);
        if (map ? !(last[0] && last[0] <= FEW) : last[0] < LEAST_KEYS) continue;
        const kind = map ? `Map ${last[0]}` : `${last[0]} ${last[1].slice(0, KIND)}`; // of records there are many alike
        const alike = (kinds.get(kind) ?? 0) + 1;
        kinds.set(kind, alike);
        if (alike <= ALIKE) found.push([object, ...last]);
      }
      objects = found;
    },
    look() {
      if (under.size) return;
      seek();
      if (objects.length) scan();
      for (const store of stores) watchStore(store);
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

'use strict';
// Notes what the program waits for, by the code that began it: awaits, timers, files, names,
// sockets and HTTP (`locks` false), or locks only: Atomics.wait, and promises that functions named
// after locks make. `stop` undoes everything. Only a part of the stacks is looked at when there are
// many (a share of the looks stands for all), so that it stays cheap. With `all`, what only libraries
// began is noted too, with the types of methods, and promises that own functions make ('(promise)');
// of a chain of promises only the first that is not a library's, and none that Node.js itself awaits. Then it looks for two
// seconds out of ten only, for every promise costs; and as long as no request is answered any more,
// for then nothing does. What was begun before and still stands is told apart.
module.exports = (builtin, locks, all) => {
  const { AsyncResource, createHook, executionAsyncId } = builtin('async_hooks');
  const channels = builtin('diagnostics_channel');
  const net = builtin('net');
  const clock = performance.now.bind(performance);
  const random = Math.random;
  const PER_WINDOW = all ? 25 : 50, WINDOW_MS = 100, DEPTH = 40, MOST = 200_000;
  const LEAVES = {
    PROMISE: '(await)', Timeout: '(timer)', GETADDRINFOREQWRAP: '(name lookup)',
    GETNAMEINFOREQWRAP: '(name lookup)', QUERYWRAP: '(name lookup)', TCPCONNECTWRAP: '(connecting)',
    PIPECONNECTWRAP: '(connecting)', FSREQCALLBACK: '(file)', FSREQPROMISE: '(file)',
    PROCESSWRAP: '(child process)', ZLIB: '(zlib)', PBKDF2REQUEST: '(crypto)',
    SCRYPTREQUEST: '(crypto)', RANDOMBYTESREQUEST: '(crypto)', SIGNREQUEST: '(crypto)',
    KEYPAIRGENREQUEST: '(crypto)', HASHREQUEST: '(crypto)', CIPHERREQUEST: '(crypto)',
  };
  const LOCK = /acquire|mutex|semaphore|exclusive|(^|[._])(un)?lock/i;
  const OURS = /(^|[\\/])node_(waits|function|preload|atomics)\.cjs$/;
  // what an addon has libuv's threads do has the name that it gives; Node.js and its users name theirs otherwise
  const OF_NODE = /^[A-Z0-9_]+$|^(TickObject|Immediate|Timeout|Microtask)$/;
  const ofAddon = (type, resource) => (
    all && !OF_NODE.test(type) && !(resource instanceof AsyncResource) ? `(addon ${type.slice(0, 60)})` : undefined);
  const OF_JOBS = new Set(['(crypto)', '(zlib)']);
  // a job that is done at once, by a synchronous call, has nobody to tell at its end
  const atOnce = ({ job }) => Boolean(job) && typeof job.ondone !== 'function';
  const OF_CODE = new Set(['(await)', '(promise)', '(timer)']);
  const begun = clock();
  const sums = new Map();
  const open = Object.preventExtensions(new Map()); // so that no look at the program's Maps takes it
  let looked = begun, captured = 0;
  // what is begun in great numbers takes no looks from what is rare: operations beside promises
  const looks = (most) => ({ share: 1, seen: 0, most });
  const ofCode = { '(await)': looks(PER_WINDOW), '(promise)': looks(PER_WINDOW), '(timer)': looks(PER_WINDOW) };
  // of awaits most are libraries' own, of which only the next one counts: who awaits is looked at before the whole stack
  const ofOthers = looks(PER_WINDOW), glances = looks(4 * PER_WINDOW);
  const kinds = [...Object.values(ofCode), ofOthers, glances];

  const chosen = (now, kind) => {
    if (now - looked > WINDOW_MS) {
      for (const each of kinds) {
        each.share = Math.min(1, each.most / Math.max(each.seen, 1));
        each.seen = 0;
      }
      looked = now;
    }
    kind.seen += 1;
    return kind.share === 1 || random() < kind.share;
  };
  const parts = (site) => {
    const file = site.getFileName() ?? site.getScriptNameOrSourceURL?.() ?? '';
    if (!file || file.startsWith('node:') || OURS.test(file)) return null;
    let method = site.getFunctionName() ?? '';
    if (all && method && !method.includes('.')) {
      const type = site.getTypeName();
      if (type && type !== 'Object' && type !== 'global') method = `${type}.${method}`;
    }
    // a function without a name is told by where it begins, whichever of its lines is being run
    const start = all && !method ? [site.getEnclosingLineNumber?.(), site.getEnclosingColumnNumber?.()] : [];
    return [method.replace(/^async /, ''), file, site.getLineNumber(), site.getColumnNumber(), ...start.filter(Boolean)];
  };
  // the innermost last, as a profile's stacks are; null without the program's own code in it
  const HOOKS = /^node:internal\/(async_hooks|promise_hooks|process\/promises|async_context_frame)/;
  const aside = (site) => {
    const file = site.getFileName() ?? site.getScriptNameOrSourceURL?.() ?? '';
    return !file || OURS.test(file) || HOOKS.test(file);
  };
  const TIMERS = /^node:(internal\/)?timers/;
  // what Node.js does for itself: promises of its own, and the timers of its servers and clients
  const byNode = (sites, leaf) => {
    const first = sites.find((site) => !aside(site) && !(leaf === '(timer)' && TIMERS.test(site.getFileName())));
    return (first?.getFileName() ?? '').startsWith('node:');
  };
  const sitesHere = (most, told) => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    Error.stackTraceLimit = most;
    Error.prepareStackTrace = (_, sites) => { told(sites); return ''; };
    try {
      void new Error().stack;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      Error.prepareStackTrace = prepareStackTrace;
    }
  };
  const stack = (leaf) => {
    let frames = [];
    sitesHere(DEPTH, (sites) => { frames = leaf && byNode(sites, leaf) ? [] : sites.map(parts).filter(Boolean); });
    captured += 1;
    return frames.length ? frames.reverse() : null;
  };
  const OF_LIBRARY = /[\\/]node_modules[\\/]/, TOP = 10;
  const awaitedByLibrary = () => {
    let file = '';
    sitesHere(TOP, (sites) => { file = sites.find((site) => !aside(site))?.getFileName() ?? ''; });
    return file.startsWith('node:') || OF_LIBRARY.test(file);
  };
  const add = (frames, leaf, ms, weight, part = ms) => {
    const key = JSON.stringify([frames, leaf]);
    const sum = sums.get(key);
    if (sum) {
      sum.ms += ms * weight;
      sum.part += part * weight;
      sum.squares += ms * ms * weight;
      sum.count += weight;
      sum.seen += 1;
    } else if (sums.size < MOST) sums.set(key, { frames, leaf, ms: ms * weight, part: part * weight, squares: ms * ms * weight, count: weight, seen: 1 });
  };
  // of calls that are under way at the same time, each has its part of the time
  const callsOf = { h: { now: 0, part: 0, at: begun }, s: { now: 0, part: 0, at: begun } };
  const counted = (leaf, more, now) => {
    const calls = all && leaf !== '(socket)' ? callsOf[leaf.startsWith('(http ') ? 'h' : leaf.startsWith('(socket ') ? 's' : ''] : undefined;
    if (calls === undefined) return undefined;
    if (calls.now > 0) calls.part += (now - calls.at) / calls.now;
    calls.at = now;
    calls.now += more;
    return calls.part;
  };
  const partOf = ({ leaf, part }, now) => (part === undefined ? undefined : counted(leaf, -1, now) - part);
  // returns for how many it stands if it is a library's own promise, with which others may go on
  const begin = (key, leaf, wanted, job, given, of) => {
    const now = clock();
    const kind = ofCode[leaf] ?? ofOthers;
    if (!going || open.size >= MOST) return 0;
    let weight = given;
    if (all && leaf === '(await)') {
      if (!given && !chosen(now, glances)) return 0;
      weight ||= 1 / glances.share;
      if (awaitedByLibrary()) return weight;
      if (!chosen(now, kind)) return 0;
      weight /= kind.share;
    } else if (!given && !chosen(now, kind)) return 0;
    weight ||= 1 / kind.share;
    const inner = all && OF_CODE.has(leaf);
    const frames = stack(inner && leaf) ?? (all && !inner ? [] : null);
    if (frames && (!wanted || wanted(frames))) open.set(key, { leaf, frames, weight, now, job, of, part: counted(leaf, 1, now) });
    return !frames || !frames.length || OF_LIBRARY.test(frames[frames.length - 1][1]) ? weight : 0;
  };
  const end = (key) => {
    const one = open.get(key);
    if (one === undefined) return;
    open.delete(key);
    const now = clock();
    add(one.frames, one.leaf, now - one.now, one.weight, partOf(one, now));
  };
  // An await of what is no promise but has a `then` makes two: the first ends as soon as that is called, the second
  // when the answer comes. It is the same await where both begin at the same place.
  const handOn = (from, to) => {
    const one = open.get(from);
    if (one === undefined || one.leaf !== '(await)') return;
    const frames = stack('(await)');
    if (!frames || String(frames[frames.length - 1]) !== String(one.frames[one.frames.length - 1])) return;
    open.delete(from);
    open.set(to, one);
  };
  const locking = (frames) => frames.slice(-4).some((frame) => LOCK.test(frame[0]));

  const PROMISES = 20_000; // in one window: those of a busy program cost it a tenth of a second then
  const chain = { of: 0, ids: Object.preventExtensions(new Map()) };
  let promises = 0, idOf;
  const undo = [];
  let going = true;
  const hook = createHook(locks ? {
    init(id, type, trigger) {
      if (type === 'PROMISE' && trigger === executionAsyncId()) begin(id, '(lock)', locking);
    },
    promiseResolve: end,
  } : all ? { // without `destroy`, for which Node.js would have every promise watched by the collector
    init(id, type, trigger, resource) {
      const leaf = LEAVES[type] ?? ofAddon(type, resource);
      if (leaf === undefined) return;
      if (all && type === 'Timeout' && resource._repeat) return; // it goes on for ever: nobody waits for that
      if (type === 'Timeout') idOf ??= Object.getOwnPropertySymbols(resource).find((each) => each.description === 'asyncId');
      if (type !== 'PROMISE') return begin(id, leaf, null, OF_JOBS.has(leaf) ? resource : null);
      if ((promises += 1) > PROMISES) return pause();
      const now = executionAsyncId();
      if (trigger === now) return begin(id, '(promise)');
      if (now !== chain.of) {
        chain.of = now;
        chain.ids.clear();
      }
      const before = chain.ids.get(trigger);
      if (before === 0) handOn(trigger, id);
      chain.ids.set(id, before === 0 ? 0 : begin(id, leaf, null, null, before, trigger));
    },
    before: end,
    promiseResolve(id) { if (open.get(id)?.leaf === '(promise)') end(id); },
  } : {
    init(id, type, trigger) {
      const leaf = LEAVES[type];
      if (leaf === undefined) return;
      // of promises, those that go on from another: an await, a then
      if (type !== 'PROMISE' || trigger !== executionAsyncId()) begin(id, leaf);
    },
    before: end,
    destroy(id) { open.delete(id); },
  });
  hook.enable();
  undo.push(() => hook.disable());

  const replaced = (object, name, make) => {
    const own = Object.getOwnPropertyDescriptor(object, name);
    const original = object[name];
    const ours = make(original);
    Object.defineProperty(object, name, { value: ours, configurable: true, writable: true, enumerable: own?.enumerable ?? false });
    undo.push(() => {
      if (object[name] !== ours) return; // someone replaced it again: ours only passes on by then
      if (own) Object.defineProperty(object, name, own); else delete object[name];
    });
  };
  const subscribed = (name, listener) => {
    const heard = (message) => { try { listener(message); } catch { /* never the program's */ } };
    channels.subscribe(name, heard);
    undo.push(() => channels.unsubscribe(name, heard));
  };
  if (locks) {
    replaced(Atomics, 'wait', (original) => function wait(...given) {
      const now = clock();
      try {
        return original.apply(this, given);
      } finally {
        const frames = going ? stack() : null;
        if (frames) add(frames, '(Atomics.wait)', clock() - now, 1);
        api.waited?.();
      }
    });
    if (Atomics.waitAsync) replaced(Atomics, 'waitAsync', (original) => function waitAsync(...given) {
      const answer = original.apply(this, given);
      if (going && answer.async) {
        const key = {};
        begin(key, '(Atomics.waitAsync)');
        answer.value.then(() => end(key), () => end(key));
      }
      return answer;
    });
  } else {
    // a request and its answer on a connection that is kept: databases, caches, brokers
    replaced(net.Socket.prototype, 'write', (original) => function write(...given) {
      if (going && !this.server && !this._httpMessage && !open.has(this)) {
        begin(this, `(socket ${this._host ?? this.remoteAddress ?? ''}:${this.remotePort ?? ''})`.replace(' :)', ')'));
      }
      return original.apply(this, given);
    });
    replaced(net.Socket.prototype, 'push', (original) => function push(...given) {
      end(this);
      return original.apply(this, given);
    });
    const asks = (request) => {
      if (!open.has(request)) begin(request, `(http ${(all && request.getHeader?.('host')) || (request.host ?? '')})`);
    };
    subscribed('http.client.request.start', ({ request }) => asks(request));
    if (all) for (const holder of [globalThis, builtin('timers')]) for (const name of ['clearTimeout', 'clearInterval']) {
      replaced(holder, name, (original) => ({ [name](timer) {
        if (idOf && timer) open.delete(timer[idOf]);
        return original.call(this, timer);
      } }[name]));
    }
    // told as begun only once it has a connection: a request may wait for its agent's until then
    if (all) replaced(builtin('http').Agent.prototype, 'addRequest', (original) => function addRequest(request, ...given) {
      if (going) asks(request);
      return original.call(this, request, ...given);
    });
    subscribed('http.client.response.finish', ({ request }) => end(request));
    subscribed('undici:request:create', ({ request }) => begin(request, `(http ${request.origin ?? ''})`));
    subscribed('undici:request:headers', ({ request }) => end(request));
  }
  // how many requests the program itself is answering at a time
  let first = begun;
  const served = { now: 0, area: 0, at: begun, ended: 0 };
  const count = (more) => {
    const now = clock();
    served.area += served.now * (now - served.at);
    served.at = now;
    served.now = Math.max(0, served.now + more);
  };
  // answers that are not finished, since when and of what; a caller that gave up takes his along
  const held = new Map();
  const answered = new Map(); // when one was finished last, by what was asked for
  const kindOf = (request) => String(request.url ?? '').split('?', 1)[0].replace(/\d+/g, '#');
  const KINDS = 1000, SILENT_MS = 1000;
  // since when none is finished of what is asked for in vain; now if there is no such
  const silentSince = (now) => {
    let since = null;
    for (const { at, of } of held.values()) {
      if (now - at > SILENT_MS) since = Math.max(since ?? 0, answered.get(of) ?? begun);
    }
    return since ?? now;
  };
  const leave = () => {
    for (const response of held.keys()) {
      if (!response.destroyed) continue;
      held.delete(response);
      count(-1);
    }
  };
  if (all) {
    subscribed('http.server.request.start', ({ request, response }) => {
      if (!met) meet();
      held.set(response, { at: clock(), of: kindOf(request) });
      count(1);
    });
    subscribed('http.server.response.finish', ({ response }) => {
      const one = held.get(response);
      if (!one) return;
      held.delete(response);
      served.ended += going;
      if (answered.size < KINDS || answered.has(one.of)) answered.set(one.of, clock());
      if (standing.length && stands.has(one.of)) standing.length = 0;
      count(-1);
    });
  }
  const STANDING = 300;
  const standing = [];
  const stands = new Set();
  // What goes on from one promise, as its races do, though the requests that began it were answered
  // long ago: it stays with that promise. A few may be the program's own, beside requests.
  const MANY_REACTIONS = 20;
  const keptBy = new Map(); // by who began it
  let taken = null, keptMs = 0; // in which all of them are told: not those of requests that go on
  const takeKept = (now) => {
    if (taken === since) return; // of this window already
    taken = since;
    let oldest = now;
    for (const { at } of held.values()) oldest = Math.min(oldest, at);
    keptMs += Math.max(0, oldest - since);
    const groups = new Map();
    for (const [key, one] of open) {
      if (one.of === undefined || one.now >= oldest) continue;
      if (!groups.has(one.of)) groups.set(one.of, []);
      groups.get(one.of).push(key);
    }
    for (const keys of groups.values()) {
      if (keys.length < MANY_REACTIONS) continue;
      for (const key of keys) {
        const { frames, weight } = open.get(key);
        open.delete(key);
        const by = JSON.stringify(frames);
        const known = keptBy.get(by);
        if (known) known.count += weight;
        else if (keptBy.size < MOST) keptBy.set(by, { frames, count: weight });
      }
    }
  };
  const flush = (now) => {
    const since = silentSince(now);
    if (all) takeKept(now);
    for (const { of } of held.values()) stands.add(of);
    for (const one of open.values()) {
      if (one.leaf === '(lock)' || atOnce(one)) continue;
      add(one.frames, one.leaf, now - one.now, one.weight, partOf(one, now));
      if (now - Math.max(one.now, since) > SILENT_MS && standing.length < STANDING) standing.push(one);
    }
    open.clear();
  };
  const ON_MS = 2000, OFF_MS = 8000, LOOK_MS = 500;
  let windows = 1, observed = 0, since = begun, met = false, timer;
  const meet = () => { // nothing is to be seen before the first request
    met = true;
    if (windows > 1 || !going) return;
    promises = 0;
    served.at = since = clock();
    served.area = served.ended = 0;
    first = since;
    clearTimeout(timer);
    timer = setTimeout(pause, ON_MS).unref();
  };
  let until = 0, shortest = ON_MS;
  const pause = () => {
    if (!going) return;
    going = false;
    clearTimeout(timer);
    hook.disable();
    flush(clock());
    observed += clock() - since;
    shortest = Math.min(shortest, clock() - since);
    until = clock() + OFF_MS;
    timer = setTimeout(wait, LOOK_MS).unref();
  };
  const wait = () => {
    leave();
    const silent = clock() - silentSince(clock()) > SILENT_MS;
    if (silent || clock() >= until) return resume();
    timer = setTimeout(wait, LOOK_MS).unref();
  };
  const resume = () => {
    windows += 1;
    promises = 0;
    since = clock();
    going = true;
    hook.enable();
    timer = setTimeout(pause, ON_MS).unref();
  };
  if (all) {
    timer = setTimeout(pause, ON_MS).unref();
    undo.push(() => clearTimeout(timer));
  }
  const api = {
    read() {
      const now = clock();
      flush(now);
      leave();
      count(0);
      const still = standing.map(({ frames, leaf, now: at, weight }) => (
        { frames, leaf, ms: (now - at) * weight, count: weight, seen: 1 }));
      const seconds = (observed + (going ? now - since : 0)) / 1000;
      return { seconds, windows: Math.max(1, Math.min(windows, seconds * 1000 / shortest)), captured, answers: served.ended, requests: served.area / Math.max(now - first, 1), waits: [...sums.values()], still, kept: [...keptBy.values()], kept_s: keptMs / 1000 };
    },
    stop() {
      going = false;
      for (const each of undo.reverse()) each();
      undo.length = 0;
      open.clear();
    },
  };
  return api;
};

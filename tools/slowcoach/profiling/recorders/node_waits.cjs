'use strict';
// Notes what the program waits for, by the code that began it: awaits, timers, files, names,
// sockets and HTTP (`locks` false), or locks only: Atomics.wait, and promises that functions named
// after locks make. `stop` undoes everything. Only a part of the stacks is looked at when there are
// many (a share of the looks stands for all), so that it stays cheap.
module.exports = (builtin, locks) => {
  const { createHook, executionAsyncId } = builtin('async_hooks');
  const channels = builtin('diagnostics_channel');
  const net = builtin('net');
  const clock = performance.now.bind(performance);
  const random = Math.random;
  const PER_WINDOW = 100, WINDOW_MS = 100, DEPTH = 40, MOST = 200_000;
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
  const begun = clock();
  const sums = new Map();
  const open = new Map();
  let share = 1, seen = 0, looked = begun, captured = 0;

  const chosen = (now) => {
    if (now - looked > WINDOW_MS) {
      share = Math.min(1, PER_WINDOW / Math.max(seen, 1));
      seen = 0;
      looked = now;
    }
    seen += 1;
    return share === 1 || random() < share;
  };
  const parts = (site) => {
    const file = site.getFileName() ?? site.getScriptNameOrSourceURL?.() ?? '';
    if (!file || file.startsWith('node:') || OURS.test(file)) return null;
    const method = site.getFunctionName() ?? '';
    return [method.replace(/^async /, ''), file, site.getLineNumber(), site.getColumnNumber()];
  };
  // the innermost last, as a profile's stacks are; null without the program's own code in it
  const stack = () => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    let frames = [];
    Error.stackTraceLimit = DEPTH;
    Error.prepareStackTrace = (_, sites) => { frames = sites.map(parts).filter(Boolean); return ''; };
    try {
      void new Error().stack;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      Error.prepareStackTrace = prepareStackTrace;
    }
    captured += 1;
    return frames.length ? frames.reverse() : null;
  };
  const add = (frames, leaf, ms, weight) => {
    const key = JSON.stringify([frames, leaf]);
    const sum = sums.get(key);
    if (sum) {
      sum.ms += ms * weight;
      sum.count += weight;
      sum.seen += 1;
    } else if (sums.size < MOST) sums.set(key, { frames, leaf, ms: ms * weight, count: weight, seen: 1 });
  };
  const begin = (key, leaf, wanted) => {
    const now = clock();
    if (!chosen(now) || open.size >= MOST) return;
    const weight = 1 / share;
    const frames = stack();
    if (frames && (!wanted || wanted(frames))) open.set(key, { leaf, frames, weight, now });
  };
  const end = (key) => {
    const one = open.get(key);
    if (one === undefined) return;
    open.delete(key);
    add(one.frames, one.leaf, clock() - one.now, one.weight);
  };
  const locking = (frames) => frames.slice(-4).some((frame) => LOCK.test(frame[0]));

  const undo = [];
  const hook = createHook(locks ? {
    init(id, type, trigger) {
      if (type === 'PROMISE' && trigger === executionAsyncId()) begin(id, '(lock)', locking);
    },
    promiseResolve: end,
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
  let going = true;
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
    subscribed('http.client.request.start', ({ request }) => begin(request, `(http ${request.host ?? ''})`));
    subscribed('http.client.response.finish', ({ request }) => end(request));
    subscribed('undici:request:create', ({ request }) => begin(request, `(http ${request.origin ?? ''})`));
    subscribed('undici:request:headers', ({ request }) => end(request));
  }
  const api = {
    read() {
      const now = clock();
      for (const one of open.values()) {
        if (one.leaf !== '(lock)') add(one.frames, one.leaf, now - one.now, one.weight);
      }
      open.clear();
      return { seconds: (now - begun) / 1000, captured, waits: [...sums.values()] };
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

'use strict';
// Calls one export of a JavaScript module again and again: times it, then profiles it.
//     node node_function.cjs REQUEST.json ANSWER.json
const { readFileSync, writeFileSync } = require('fs');
const { resolve } = require('path');
const { pathToFileURL } = require('url');
const inspector = require('inspector');

const REPEAT_S = 0.02; // so long are the calls between two looks at the clock
const LEAST = 10;
const NARROW = 0.01; // half of the 95 % interval of the mean, relative
const Z = 1.96;
const TURN_MS = 250; // so often a function that never waits lets the loop come round
const clock = () => performance.now() / 1000;

async function load(target) {
  const at = target.lastIndexOf(':');
  const file = resolve(target.slice(0, at));
  const module = await import(pathToFileURL(file).href);
  const path = target.slice(at + 1).split('.');
  const step = (object, name) => (object === undefined || object === null ? undefined : object[name]);
  for (const root of [module, module.default]) {
    const owner = path.slice(0, -1).reduce(step, root);
    const found = step(owner, path[path.length - 1]);
    if (typeof found === 'function') return found.bind(owner === module ? undefined : owner);
  }
  if (path.join('.') === 'default' && typeof module.default === 'function') return module.default;
  const known = [...new Set([...Object.keys(module), ...Object.keys(module.default ?? {})])];
  const error = new Error(`no function ${path.join('.')}; it exports ${known.slice(0, 20).join(', ') || 'nothing'}`);
  error.name = 'MissingExport';
  throw error;
}

const ended = async (result) => {
  const value = await result;
  if (value && typeof value.next === 'function' && typeof value[Symbol.asyncIterator] === 'function') {
    for await (const _ of value);
  } else if (value && typeof value.next === 'function' && typeof value[Symbol.iterator] === 'function') {
    for (const _ of value);
  }
};
const waits = (result) => result !== null && typeof result === 'object' &&
  (typeof result.then === 'function' || typeof result.next === 'function');

async function slowcoachCalls(call, times) {
  for (let i = 0; i < times; i++) {
    const result = call();
    if (waits(result)) await ended(result); // a plain value costs no turn of the loop
  }
}

// the seconds in which this thread was ready to run and had no processor, or 0
function ready() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'ascii').split(' ')[1]) / 1e9 || 0;
  } catch {
    return 0;
  }
}

function narrow(means) {
  const mean = means.reduce((sum, each) => sum + each, 0) / means.length;
  const squares = means.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return Z * Math.sqrt(squares / (means.length - 1) / means.length) <= NARROW * mean;
}

async function timed(call, seconds) {
  const begun = clock();
  await slowcoachCalls(call, 1);
  const first = clock() - begun;
  const means = [];
  let calls = 1, times = Math.max(1, Math.floor(REPEAT_S / Math.max(first, 1e-9)));
  const warm = clock();
  while (first < seconds && clock() - warm < Math.min(seconds / 4, 1)) { // until V8 has compiled it
    await slowcoachCalls(call, 1);
    calls += 1;
  }
  const started = clock(), used = process.cpuUsage(), queued = ready();
  do {
    const start = clock();
    await slowcoachCalls(call, times);
    const took = clock() - start;
    calls += times;
    means.push(took / times);
    if (took < REPEAT_S / 4) times *= 2;
    if (means.length >= LEAST && narrow(means)) break;
  } while (clock() - begun + means[means.length - 1] * times < seconds);
  const { user, system } = process.cpuUsage(used);
  return { first_s: first, means_s: means, calls, cpu_share: Math.min(((user + system) / 1e6 + ready() - queued) / (clock() - started), 1) };
}

async function profiled(call, seconds, step, waiting) {
  const waits = waiting ? require('./node_waits.cjs')(require, false) : null;
  const session = new inspector.Session();
  session.connect();
  const ask = (method, parameters) => {
    let answer;
    session.post(method, parameters, (error, result) => { if (error) throw error; answer = result; });
    return answer;
  };
  ask('Profiler.enable');
  ask('Profiler.setSamplingInterval', { interval: step });
  ask('Profiler.start');
  const begun = clock();
  let turned = begun;
  do {
    await slowcoachCalls(call, 1);
    if ((clock() - turned) * 1000 > TURN_MS) {
      await new Promise(setImmediate);
      turned = clock();
    }
  } while (clock() - begun < seconds);
  const { profile } = ask('Profiler.stop');
  const { result } = ask('Profiler.getBestEffortCoverage');
  session.disconnect();
  const said = waits ? [waits.read()] : [];
  waits?.stop();
  return { profile, coverage: result, waits: said, seconds: clock() - begun };
}

async function main(request, file) {
  let answer;
  try {
    const found = await load(request.target);
    const call = () => found(...request.args);
    answer = await timed(call, request.timing_s);
    const waiting = request.wall || answer.cpu_share < 0.5;
    Object.assign(answer, await profiled(call, request.profile_s, request.step, waiting));
  } catch (error) {
    answer = { error: error?.code ?? error?.name ?? 'Error', message: String(error?.message ?? error), stack: String(error?.stack ?? '') };
  }
  writeFileSync(file, JSON.stringify(answer));
  process.exit();
}

main(JSON.parse(readFileSync(process.argv[2], 'utf8')), process.argv[3]);

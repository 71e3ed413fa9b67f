'use strict';
// Loaded into a program that Slowcoach starts (`node --require`), and into its worker threads:
// profiles each from its first line and writes what it has when it ends, or when it is told to:
// the main thread by SIGUSR2, the others by the main one.
const folder = process.env.SLOWCOACH_NODE_FOLDER;
const { isMainThread, threadId, BroadcastChannel } = require('worker_threads');

if (folder) {
  const { writeFileSync, renameSync, readdirSync } = require('fs');
  const { join } = require('path');
  const inspector = require('inspector');
  const kind = process.env.SLOWCOACH_NODE_KIND;
  const step = Number(process.env.SLOWCOACH_NODE_STEP);
  const CHANNEL = `slowcoach ${folder}`;
  const WAIT_MS = 1500;
  const session = new inspector.Session();
  session.connect();
  const call = (method, parameters) => {
    let answer;
    session.post(method, parameters, (error, result) => {
      if (error) throw error;
      answer = result; // a session of the same thread answers at once
    });
    return answer;
  };
  const write = (ending, text) => {
    const file = join(folder, (isMainThread ? `${process.pid}` : `${process.pid}-${threadId}`) + ending);
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
  };
  const waits = ['wall', 'lock'].includes(kind) ? require('./node_waits.cjs')(require, kind === 'lock') : null;
  if (kind === 'cpu' || kind === 'wall') require('./node_atomics.cjs')(require);
  if (kind === 'alloc') {
    call('HeapProfiler.enable');
    call('HeapProfiler.startSampling', {
      samplingInterval: step,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  } else if (kind !== 'lock') {
    call('Profiler.enable');
    call('Profiler.setSamplingInterval', { interval: step });
    call('Profiler.start');
  }
  const loop = isMainThread ? require('./node_watch.cjs')(require) : null;
  const profiled = () => {
    if (kind === 'lock') return { profile: null, coverage: [] };
    if (kind === 'alloc') return { profile: call('HeapProfiler.stopSampling').profile, coverage: [] };
    const { profile } = call('Profiler.stop');
    const { result } = call('Profiler.getBestEffortCoverage');
    return { profile, coverage: result.filter(({ url }) => url && !url.startsWith('node:')) };
  };
  // the worker threads run on while this one stands here
  const othersWritten = () => {
    const names = (ending) => readdirSync(folder).filter((name) => name.startsWith(`${process.pid}-`) && name.endsWith(ending));
    if (!names('.ready').length) return;
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage('finish');
    const still = new Int32Array(new SharedArrayBuffer(4));
    const end = Date.now() + WAIT_MS;
    while (names('.json').length < names('.ready').length && Date.now() < end) Atomics.wait(still, 0, 0, 10);
    channel.close();
  };
  let done = false;
  const finish = () => {
    if (done) return;
    done = true;
    const figures = loop ? loop.read() : null;
    loop?.stop();
    const said = waits ? [waits.read()] : [];
    waits?.stop();
    const taken = profiled();
    session.disconnect();
    if (isMainThread) othersWritten();
    write('.json', JSON.stringify({ ...taken, loop: figures, waits: said }));
  };
  process.on('exit', finish);
  if (isMainThread) {
    process.on('SIGUSR2', finish);
    // for a program whose loop never comes round to the signal: the inspector interrupts it
    Object.defineProperty(process, Symbol.for('slowcoach.finish'), { value: finish });
  } else {
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = () => { channel.close(); finish(); };
    channel.unref();
  }
  write('.ready', '');
}

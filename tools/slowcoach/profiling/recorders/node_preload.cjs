'use strict';
// Loaded into a program that Slowcoach starts (`node --require`): profiles it from its first line
// and writes the profile when it ends, or when it is told to by SIGUSR2.
const folder = process.env.SLOWCOACH_NODE_FOLDER;
const { isMainThread } = require('worker_threads');

if (folder && isMainThread) {
  const { writeFileSync, renameSync } = require('fs');
  const { join } = require('path');
  const inspector = require('inspector');
  const alloc = process.env.SLOWCOACH_NODE_KIND === 'alloc';
  const step = Number(process.env.SLOWCOACH_NODE_STEP);
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
  if (alloc) {
    call('HeapProfiler.enable');
    call('HeapProfiler.startSampling', {
      samplingInterval: step,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  } else {
    call('Profiler.enable');
    call('Profiler.setSamplingInterval', { interval: step });
    call('Profiler.start');
  }
  const loop = require('./node_watch.cjs')(require);
  let done = false;
  const finish = () => {
    if (done) return;
    done = true;
    const figures = loop.read();
    loop.stop();
    const { profile } = call(alloc ? 'HeapProfiler.stopSampling' : 'Profiler.stop');
    session.disconnect();
    const file = join(folder, `${process.pid}.json`);
    writeFileSync(`${file}.part`, JSON.stringify({ profile, loop: figures }));
    renameSync(`${file}.part`, file);
  };
  process.on('exit', finish);
  process.on('SIGUSR2', finish);
  // for a program whose loop never comes round to the signal: the inspector interrupts it
  Object.defineProperty(process, Symbol.for('slowcoach.finish'), { value: finish });
  writeFileSync(join(folder, `${process.pid}.ready`), '');
}

'use strict';
const { parentPort } = require('node:worker_threads');
const { setTimeout: sleep } = require('node:timers/promises');

// the key service takes its time for each of its two steps
async function stampOf(letter) {
  await sleep(35);
  await sleep(20);
  return { letter: letter.id, stamp: `s${letter.id * 7}` };
}

parentPort.on('message', async (letter) => parentPort.postMessage(await stampOf(letter)));

// Rasters a page to T.4 runs and hands it to the line card.
import net from 'node:net';
import readline from 'node:readline';
import { parentPort, workerData } from 'node:worker_threads';

const WIDTH = 1728;
const socket = net.connect(workerData.linePort, '127.0.0.1');
socket.setNoDelay(true);
const replies = readline.createInterface({ input: socket })[Symbol.asyncIterator]();

function runsOf(text) {
  const runs = [];
  let at = 0;
  for (const char of text.slice(0, 80)) {
    const code = char.codePointAt(0);
    runs.push([at, (code * 7) % 19], [at + 19, code % 3]);
    at += 21;
  }
  runs.push([at, WIDTH - at]);
  return runs;
}

function rasterPage({ subject, lines }) {
  return [subject, '', ...lines].flatMap((line, row) => runsOf(line).map((run) => [row, ...run]));
}

async function transmit(job, number, page) {
  socket.write(`${JSON.stringify({ job, number, page })}\n`);
  const { value } = await replies.next();
  return JSON.parse(value);
}

parentPort.on('message', async ({ id, input }) => {
  try {
    const page = rasterPage(input);
    const { ack, speed } = await transmit(input.job, input.number, page);
    parentPort.postMessage({ id, result: { ack, speed, runs: page.length } });
  } catch (error) {
    parentPort.postMessage({ id, error: error.message });
  }
});

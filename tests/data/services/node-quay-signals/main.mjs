// Harbour office: may this ship come to this quay now, with how much water under the keel?
import { createServer } from 'node:http';
import { MessageChannel } from 'node:worker_threads';
import polka from 'polka';
import Tinypool from 'tinypool';

const QUAYS = new Map([
  ['west', { name: 'West quay', depth: 9.2, masts: ['W1', 'W2'] }],
  ['grain', { name: 'Grain quay', depth: 10.5, masts: ['G1', 'W2'] }],
  ['ferry', { name: 'Ferry pier', depth: 6.8, masts: ['G1'] }],
]);

const pool = new Tinypool({
  filename: new URL('./workers.mjs', import.meta.url).href,
  minThreads: 4,
  maxThreads: 4,
  isolateWorkers: false,
});

class Readings {
  #latest = new Map();

  follow(mast) {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (reading) => this.#latest.set(mast, { ...reading, at: Date.now() }));
    pool.run({ mast, port: port2 }, { name: 'followMast', transferList: [port2] })
      .catch((error) => console.error(`mast ${mast}: ${error.message}`));
  }

  of(masts) {
    return masts.map((mast) => this.#latest.get(mast)).filter(Boolean);
  }

  all() {
    return Object.fromEntries(this.#latest);
  }
}

const readings = new Readings();
for (const mast of new Set([...QUAYS.values()].flatMap((quay) => quay.masts))) readings.follow(mast);

function send(res, status, body) {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

function wanted(query) {
  const draught = Number(query.draught);
  const ship = Number(query.ship);
  if (!(draught > 0 && draught < 20) || !Number.isInteger(ship)) return null;
  return { ship, draught };
}

function advice(quay, result) {
  if (!result.allowed) return `wait for the tide, ${result.least} m at ${result.at} m`;
  return result.tugs ? `come in with ${result.tugs} tug(s)` : 'come in';
}

const api = polka({ onError: (error, req, res) => send(res, 502, { error: error.message }) });

api.get('/up', (req, res) => res.end('up'));

api.get('/quays', (req, res) => {
  send(res, 200, [...QUAYS].map(([id, quay]) => ({ id, ...quay, readings: readings.of(quay.masts) })));
});

api.get('/quays/:id/clearance', async (req, res, next) => {
  const quay = QUAYS.get(req.params.id);
  const ship = wanted(req.query);
  if (!quay) return send(res, 404, { error: 'no such quay' });
  if (!ship) return send(res, 400, { error: 'ship and draught, please' });
  try {
    const result = await pool.run({ quay, readings: readings.of(quay.masts), ...ship }, { name: 'clearance' });
    send(res, 200, { quay: quay.name, ...ship, ...result, advice: advice(quay, result) });
  } catch (error) {
    next(error);
  }
});

api.get('/readings', (req, res) => send(res, 200, readings.all()));

createServer(api.handler).listen(Number(process.env.PORT), '127.0.0.1');

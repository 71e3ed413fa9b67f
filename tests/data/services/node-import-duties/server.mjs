// Estimates what a consignment costs at the border: duty, value added tax, the broker's fee.
import http from 'node:http';
import { Broker, BrokerError } from './broker.mjs';

const broker = new Broker('127.0.0.1', Number(process.env.UPSTREAM_PORT));

const CATALOGUE = new Map([
  ['rope-12', { heading: '5607', price: 3.4, weight: 0.9, origin: 'PT' }],
  ['winch-3', { heading: '8425', price: 218, weight: 14, origin: 'IT' }],
  ['lamp-7', { heading: '9405', price: 31.5, weight: 1.2, origin: 'CN' }],
  ['sail-21', { heading: '6306', price: 940, weight: 22, origin: 'FR' }],
  ['anchor-4', { heading: '7316', price: 88, weight: 16, origin: 'CN' }],
]);
const HEADING_FACTOR = { 5607: 1.1, 8425: 0.6, 9405: 1.3, 6306: 1.6, 7316: 0.8 };
const PREFERENTIAL = new Set(['PT', 'IT', 'FR']);
const CONSIGNEES = { NO: 'Havn Utstyr AS', CH: 'Seebedarf AG', GB: 'Harbour Stores Ltd', US: 'Dock Supply Inc' };

class BadRequest extends Error {}

async function readJson(req) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > 64 * 1024) throw new BadRequest('too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadRequest('not JSON');
  }
}

function consignmentOf(body) {
  const { country, incoterm = 'DAP', lines } = body;
  if (!CONSIGNEES[country]) throw new BadRequest(`unknown country ${country}`);
  if (!['DAP', 'DDP', 'EXW'].includes(incoterm)) throw new BadRequest(`unknown incoterm ${incoterm}`);
  if (!Array.isArray(lines) || lines.length === 0) throw new BadRequest('no lines');
  return {
    country,
    incoterm,
    consignee: CONSIGNEES[country],
    lines: lines.map(({ sku, quantity }) => {
      const item = CATALOGUE.get(sku);
      if (!item || !(quantity > 0)) throw new BadRequest(`bad line ${sku}`);
      return { sku, quantity, ...item };
    }),
  };
}

function assess(consignment, tariff) {
  const lines = consignment.lines.map((line) => {
    const value = line.price * line.quantity;
    const relief = PREFERENTIAL.has(line.origin) ? 0.35 : 1;
    const rate = tariff.base * HEADING_FACTOR[line.heading] * relief;
    return { sku: line.sku, heading: line.heading, value: round(value), rate: Math.round(rate * 1e4) / 1e4, duty: round(value * rate) };
  });
  const value = sum(lines, 'value');
  const duty = sum(lines, 'duty');
  const freight = sum(consignment.lines.map((l) => ({ kg: l.weight * l.quantity })), 'kg') * 0.42;
  const vat = consignment.incoterm === 'EXW' ? 0 : (value + duty + freight) * tariff.vat;
  return { lines, value: round(value), duty: round(duty), freight: round(freight), vat: round(vat) };
}

const round = (amount) => Math.round(amount * 100) / 100;
const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);

async function estimate(req) {
  const consignment = consignmentOf(await readJson(req));
  const [tariff, screening] = await Promise.all([
    broker.tariff(consignment.country),
    broker.screenParties(consignment.consignee, consignment.lines.map((l) => l.origin)),
  ]);
  if (screening.hits.length > 0) return { status: 409, body: { blocked: screening.reference } };
  return { status: 200, body: { ...assess(consignment, tariff), screening: screening.reference, payer: consignment.incoterm === 'DDP' ? 'sender' : 'receiver' } };
}

async function tariffOf(_req, country) {
  return { status: 200, body: await broker.tariff(country) };
}

function catalogue() {
  return { status: 200, body: [...CATALOGUE].map(([sku, { heading, price }]) => ({ sku, heading, price })) };
}

const ROUTES = [
  ['POST', /^\/declarations\/estimate$/, estimate],
  ['GET', /^\/tariffs\/([A-Z]{2})$/, tariffOf],
  ['GET', /^\/catalogue$/, catalogue],
  ['GET', /^\/up$/, () => ({ status: 200, body: { up: true } })],
];

async function dispatch(req) {
  const path = req.url.split('?', 1)[0];
  for (const [method, pattern, handler] of ROUTES) {
    const match = req.method === method && pattern.exec(path);
    if (match) return handler(req, ...match.slice(1));
  }
  return { status: 404, body: { error: 'no such page' } };
}

const server = http.createServer(async (req, res) => {
  let answer;
  try {
    answer = await dispatch(req);
  } catch (error) {
    const status = error instanceof BadRequest ? 400 : error instanceof BrokerError ? 502 : 500;
    answer = { status, body: { error: error.message } };
  }
  const text = JSON.stringify(answer.body);
  res.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
});

server.listen(Number(process.env.PORT), '127.0.0.1');

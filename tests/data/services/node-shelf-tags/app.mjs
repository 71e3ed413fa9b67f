// Electronic shelf tags of a supermarket: takes price changes and leaves them in a spool for the radio gateway.
import { createServer } from 'node:http';
import { mkdir, open } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import path from 'node:path';

const SPOOL = path.resolve('spool');
const AISLES = ['bakery', 'dairy', 'drinks', 'frozen', 'household'];
const TAGS_PER_AISLE = 96;

const tags = new Map();
for (const [a, aisle] of AISLES.entries()) {
  for (let n = 0; n < TAGS_PER_AISLE; n += 1) {
    const id = `${aisle.slice(0, 3).toUpperCase()}-${String(n + 1).padStart(3, '0')}`;
    const article = { ean: String(4000000000000 + a * 100000 + n * 37), name: `${aisle} article ${n + 1}`, grams: 100 + ((n * 75) % 900) };
    tags.set(id, { id, aisle, article, cents: 89 + ((n * 61 + a * 17) % 900), offer: false, revision: 0 });
  }
}

const euros = (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
const perKilo = ({ cents, article }) => euros(Math.round((cents * 1000) / article.grams));

function layout(tag) {
  const lines = [
    tag.article.name.toUpperCase().slice(0, 24),
    `${euros(tag.cents)} EUR`,
    `${tag.article.grams} g  1 kg = ${perKilo(tag)}`,
    tag.offer ? '** OFFER **' : '',
    `${tag.article.ean}  ${tag.id}`,
  ];
  return { tag: tag.id, revision: tag.revision, colour: tag.offer ? 'red' : 'black', lines };
}

class Spool {
  constructor(aisle) {
    this.aisle = aisle;
    this.file = path.join(SPOOL, `${aisle}.ndjson`);
    this.sent = new Map();
  }

  async open() {
    this.handle = await open(this.file, 'a');
  }

  /** The gateway follows the file and must never show a price that the shop has forgotten. */
  async leave(tag) {
    const image = layout(tag);
    image.check = createHash('sha1').update(image.lines.join('\n')).digest('hex').slice(0, 8);
    await this.handle.write(`${JSON.stringify(image)}\n`);
    await this.handle.sync();
    this.sent.set(tag.id, image);
  }
}

const spools = new Map(AISLES.map((aisle) => [aisle, new Spool(aisle)]));

function aisleTags(aisle) {
  return [...tags.values()].filter((tag) => tag.aisle === aisle);
}

async function reprice(aisle, { percent, offer = false }) {
  const changed = [];
  for (const tag of aisleTags(aisle)) {
    tag.cents = Math.max(9, Math.round(tag.cents * (1 + percent / 100)));
    tag.offer = offer;
    tag.revision += 1;
    await spools.get(aisle).leave(tag);
    changed.push({ tag: tag.id, price: euros(tag.cents), perKilo: perKilo(tag) });
  }
  return { aisle, changed };
}

async function pending(aisle) {
  const spool = spools.get(aisle);
  if (!spool) return null;
  const { size } = await spool.handle.stat();
  return { aisle, bytes: size, tags: spool.sent.size };
}

function preview(id) {
  const tag = tags.get(id);
  if (!tag) return null;
  return { now: layout(tag), sent: spools.get(tag.aisle).sent.get(id) ?? null };
}

async function bodyOf(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {};
}

function answer(res, status, body) {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

const routes = [
  ['GET', /^\/alive$/, async () => ({ alive: true })],
  ['GET', /^\/aisles$/, async () => AISLES.map((aisle) => ({ aisle, tags: aisleTags(aisle).length }))],
  ['GET', /^\/aisles\/([a-z]+)\/pending$/, async (req, aisle) => pending(aisle)],
  ['GET', /^\/tags\/([A-Z]{3}-\d{3})$/, async (req, id) => preview(id)],
  ['PUT', /^\/aisles\/([a-z]+)\/prices$/, async (req, aisle) => {
    const change = await bodyOf(req);
    return AISLES.includes(aisle) ? reprice(aisle, change) : null;
  }],
];

async function dispatch(req, res) {
  const { pathname } = new URL(req.url, 'http://tags');
  for (const [method, pattern, handle] of routes) {
    const match = req.method === method && pattern.exec(pathname);
    if (match) {
      const result = await handle(req, ...match.slice(1));
      return answer(res, result ? 200 : 404, result ?? { error: 'unknown' });
    }
  }
  return answer(res, 404, { error: 'no such page' });
}

await mkdir(SPOOL, { recursive: true });
await Promise.all([...spools.values()].map((spool) => spool.open()));
createServer((req, res) => {
  dispatch(req, res).catch((error) => answer(res, 500, { error: error.message }));
}).listen(Number(process.env.PORT), '127.0.0.1');

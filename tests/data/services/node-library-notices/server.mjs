// Notices of a city library: reminders and pick-up notes that go to the patrons by mail while the desk waits for the number.
import Fastify from 'fastify';
import { Postbox } from './mail.mjs';

const DAY = 86_400_000;
const FEES = { book: 20, film: 100, score: 30, game: 60 };
const KINDS = Object.keys(FEES);
const WORDS = ['Meadow', 'Harbour', 'Winter', 'Garden', 'Letter', 'Bridge', 'Stranger', 'Island'];

const branches = new Map(['main', 'east', 'harbour'].map((id) => [id, { id, name: `${id[0].toUpperCase()}${id.slice(1)} Branch`, noticed: 0 }]));
const patrons = new Map(Array.from({ length: 400 }, (_, n) => {
  const id = `P-${2000 + n}`;
  return [id, { id, name: `Reader ${WORDS[n % 8]} ${n}`, email: `reader${n}@mail.example`, language: n % 5 ? 'en' : 'de' }];
}));
const copies = new Map(Array.from({ length: 900 }, (_, n) => {
  const id = `C-${5000 + n}`;
  const title = `The ${WORDS[n % 8]} and the ${WORDS[(n * 3 + 1) % 8]}`;
  return [id, { id, title, kind: KINDS[n % KINDS.length], due: Date.now() - (n % 40) * DAY }];
}));
const journal = [];

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const money = (cents) => `${(cents / 100).toFixed(2)} EUR`;

function feeOf(copy, now) {
  const late = Math.max(0, Math.floor((now - copy.due) / DAY));
  return Math.min(late * FEES[copy.kind], 2500);
}

function compose(kind, patron, list, branch) {
  const now = Date.now();
  const lines = list.map((copy) => ({ title: copy.title, due: new Date(copy.due).toISOString().slice(0, 10), fee: feeOf(copy, now) }));
  const total = lines.reduce((sum, line) => sum + line.fee, 0);
  const subject = kind === 'overdue' ? `${lines.length} items are overdue` : 'Ready for you at the desk';
  const text = [
    `Dear ${patron.name},`, '',
    ...lines.map((line) => `- ${line.title}, due ${line.due}${line.fee ? `, ${money(line.fee)}` : ''}`),
    '', kind === 'overdue' ? `Fees until today: ${money(total)}` : 'We keep them for you for seven days.', '', branch.name,
  ].join('\n');
  const rows = lines.map((line) => `<tr><td>${escaped(line.title)}</td><td>${line.due}</td><td>${money(line.fee)}</td></tr>`);
  return { subject, text, html: `<p>Dear ${escaped(patron.name)},</p><table>${rows.join('')}</table><p>${escaped(branch.name)}</p>`, total };
}

const app = Fastify({ logger: { level: 'warn' } });
const postbox = new Postbox({ host: '127.0.0.1', port: Number(process.env.UPSTREAM_PORT), log: app.log });

function find(map, id, what) {
  const found = map.get(id);
  if (!found) throw Object.assign(new Error(`no such ${what}: ${id}`), { statusCode: 404 });
  return found;
}

// some of the desks' older terminals send no content type
app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
  try {
    done(null, body ? JSON.parse(body) : null);
  } catch (error) {
    done(Object.assign(error, { statusCode: 400 }));
  }
});

const noticeSchema = {
  body: {
    type: 'object',
    required: ['patron', 'kind', 'copies'],
    properties: {
      patron: { type: 'string', pattern: '^P-\\d+$' },
      kind: { enum: ['overdue', 'pickup'] },
      copies: { type: 'array', minItems: 1, maxItems: 40, items: { type: 'string' } },
    },
  },
};

app.post('/branches/:branch/notices', { schema: noticeSchema }, async (request, reply) => {
  const branch = find(branches, request.params.branch, 'branch');
  const patron = find(patrons, request.body.patron, 'patron');
  const list = request.body.copies.map((id) => find(copies, id, 'copy'));
  const letter = compose(request.body.kind, patron, list, branch);
  const receipt = await postbox.send(patron, letter);
  const entry = { number: ++branch.noticed, patron: patron.id, kind: request.body.kind, total: letter.total, ...receipt };
  journal.push(entry);
  if (journal.length > 200) journal.shift();
  return reply.code(201).send(entry);
});

app.get('/branches/:branch', async (request) => find(branches, request.params.branch, 'branch'));
app.get('/notices', async () => journal.slice(-50));
app.get('/patrons/:id', async (request) => find(patrons, request.params.id, 'patron'));
app.get('/health', async () => ({ ok: true, sent: postbox.sent }));

app.addHook('onClose', () => postbox.close());
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

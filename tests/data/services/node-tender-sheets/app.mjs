// Tenders of a building department: bills of quantities checked, priced, worded and printed for the bidders.
import { createHash } from 'node:crypto';
import dayjs from 'dayjs';
import Decimal from 'decimal.js';
import express from 'express';
import Handlebars from 'handlebars';
import { z } from 'zod';

const UNITS = { m2: ['square metre', 'square metres'], m3: ['cubic metre', 'cubic metres'], pcs: ['piece', 'pieces'], h: ['hour', 'hours'] };
const TRADES = ['earthworks', 'masonry', 'carpentry', 'roofing', 'plumbing', 'electrical', 'painting', 'flooring'];
const WORK = ['Supply and fit', 'Remove and dispose of', 'Prime and coat', 'Lay', 'Connect', 'Level'];
const THINGS = ['wall tiles', 'oak boards', 'copper pipes', 'steel lintels', 'socket outlets', 'screed', 'gutters', 'plaster & lath'];

const Position = z.object({
  number: z.string().regex(/^\d{2}\.\d{2}\.\d{3}$/),
  trade: z.enum(TRADES),
  text: z.string().min(5).max(200),
  quantity: z.coerce.number().positive(),
  unit: z.enum(['m2', 'm3', 'pcs', 'h']),
  rate: z.string().regex(/^\d+\.\d{2}$/),
  due: z.string().date(),
  optional: z.boolean().default(false),
  notes: z.array(z.object({ kind: z.enum(['norm', 'hint']), text: z.string().trim() })).max(4),
});

function drafted(tender) {
  return Array.from({ length: 460 }, (_, n) => ({
    number: `${String(1 + (n % 8)).padStart(2, '0')}.${String(1 + (n % 13)).padStart(2, '0')}.${String(10 * (n + 1)).padStart(3, '0').slice(-3)}`,
    trade: TRADES[n % 8],
    text: `${WORK[(n + tender) % 6]} ${THINGS[(n * 3) % 8]}, type ${1 + (n % 9)}, incl. sundries`,
    quantity: String(1 + ((n * 37 + tender) % 420) / 4),
    unit: ['m2', 'm3', 'pcs', 'h'][n % 4],
    rate: `${12 + ((n * 53) % 340)}.${String((n * 7) % 100).padStart(2, '0')}`,
    due: `2026-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + (n % 28)).padStart(2, '0')}`,
    optional: n % 11 === 0,
    notes: [{ kind: 'norm', text: ` DIN ${18300 + (n % 60)} ` }, { kind: 'hint', text: `see drawing ${n % 17}` }].slice(0, 1 + (n % 2)),
  }));
}

const tenders = new Map(Array.from({ length: 40 }, (_, n) => [`T-${n}`, { id: `T-${n}`, title: `School ${n}, lot ${n % 5}`, draft: drafted(n) }]));

const words = {
  en: { norm: 'according to', hint: 'please', optional: 'on demand', week: 'week', page: 'Page' },
  de: { norm: 'nach', hint: 'bitte', optional: 'bei Bedarf', week: 'KW', page: 'Seite' },
};

Handlebars.registerHelper('money', (amount) => `${amount.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ' ')} EUR`);
Handlebars.registerHelper('amountOf', (quantity, unit) => `${quantity} ${UNITS[unit][quantity.eq(1) ? 0 : 1]}`);
const page = Handlebars.compile(`<html><head><title>{{title}}</title></head><body><h1>{{title}}</h1>
{{#each chapters}}<section id="{{slug}}"><h2>{{name}}</h2><table>
{{#each lines}}<tr class="{{#if optional}}optional{{else}}firm{{/if}}"><td>{{number}}</td><td>{{text}}{{#each notes}}<br><i>{{this}}</i>{{/each}}</td>
<td>{{amountOf quantity unit}}</td><td>{{money rate}}</td><td>{{money total}}</td><td>{{when}}</td><td>{{mark}}</td></tr>{{/each}}
</table><p>{{money sum}}</p></section>{{/each}}<footer>{{money net}} + {{money tax}} = {{money gross}} / {{printed}}</footer></body></html>`);

const checked = (draft) => draft.map((one) => Position.parse(one));

function priced(position) {
  const quantity = new Decimal(position.quantity).toDecimalPlaces(3);
  const rate = new Decimal(position.rate);
  const discount = quantity.gt(60) ? new Decimal('0.965') : new Decimal(1);
  return { ...position, quantity, rate, total: quantity.times(rate).times(discount).toDecimalPlaces(2, Decimal.ROUND_HALF_UP) };
}

function worded(position, lang) {
  const dictionary = words[lang];
  const text = position.text.replace(/\bincl\./g, 'including').replace(/\s+/g, ' ').replace(/(\d+)/, 'no. $1');
  return {
    ...position,
    text: position.optional ? `${text} (${dictionary.optional})` : text,
    notes: position.notes.map((note) => `${dictionary[note.kind]} ${note.text}`),
  };
}

function scheduled(position, lang) {
  const due = dayjs(position.due);
  const start = due.subtract(Math.min(28, position.quantity.div(12).ceil().toNumber()), 'day');
  return { ...position, when: `${start.format('D MMM')} - ${due.format('D MMM YYYY')} (${words[lang].week} ${Math.ceil(due.diff(due.startOf('year'), 'day') / 7)})` };
}

const marked = (position) => ({
  ...position,
  mark: createHash('sha256').update(`${position.number}|${position.text}|${position.total}`).digest('hex').slice(0, 8),
});

const slug = (text) => text.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-');

function chapters(lines) {
  const sorted = [...lines].sort((a, b) => a.trade.localeCompare(b.trade) || a.number.localeCompare(b.number));
  const byTrade = Map.groupBy ? Map.groupBy(sorted, (line) => line.trade) : sorted.reduce((map, line) => map.set(line.trade, [...(map.get(line.trade) ?? []), line]), new Map());
  return [...byTrade].map(([name, list]) => ({
    name, slug: slug(name), lines: list, sum: list.filter((l) => !l.optional).reduce((sum, l) => sum.plus(l.total), new Decimal(0)),
  }));
}

function sheet(tender, lang) {
  const lines = checked(tender.draft).map(priced).map((p) => worded(p, lang)).map((p) => scheduled(p, lang)).map(marked);
  const parts = chapters(lines);
  const net = parts.reduce((sum, part) => sum.plus(part.sum), new Decimal(0));
  const tax = net.times('0.19').toDecimalPlaces(2);
  return page({ title: tender.title, chapters: parts, net, tax, gross: net.plus(tax), printed: dayjs().format('YYYY-MM-DD HH:mm') });
}

const app = express();

app.use((req, res, next) => {
  res.set({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'private' });
  next();
});

app.get('/healthz', (req, res) => res.json({ status: 'ok' }));

app.param('id', (req, res, next, id) => {
  req.tender = tenders.get(id);
  if (!req.tender) return res.status(404).json({ error: 'no such tender' });
  next();
});

app.get('/tenders/:id/sheet', (req, res) => res.type('html').send(sheet(req.tender, words[req.query.lang] ? req.query.lang : 'en')));

app.get('/tenders/:id/trades', (req, res) => res.json([...new Set(req.tender.draft.map((one) => one.trade))].sort()));

app.get('/tenders', (req, res) => res.json([...tenders.values()].map(({ id, title, draft }) => ({ id, title, positions: draft.length }))));

app.listen(Number(process.env.PORT), '127.0.0.1');

'use strict';
const { createHash } = require('node:crypto');
const _ = require('lodash');
const { z } = require('zod');

const Surface = z.object({
  room: z.string().trim().min(1).max(40),
  kind: z.enum(['wall', 'floor', 'splashback', 'stairs']),
  width: z.coerce.number().positive().max(40),
  height: z.coerce.number().positive().max(40),
  glaze: z.string().regex(/^[A-Z]{2}-\d{3}$/),
  extras: z.array(z.enum(['heating', 'drain', 'niche', 'bevel'])).max(4).default([]),
  note: z.string().max(200).optional(),
});
const Project = z.object({ id: z.string(), client: z.string(), postcode: z.string(), surfaces: z.array(Surface) });
const Line = z.object({
  position: z.number().int(), room_name: z.string(), glaze_code: z.string(), square_metres: z.number(), tile_count: z.number().int(),
  net_price: z.string(), work_hours: z.number(), labels: z.array(z.string()), adjustments: z.array(z.object({ reason: z.string(), amount: z.string() })),
});
const Quote = z.object({ project: z.string(), lines: z.array(Line), total_net: z.string(), total_gross: z.string() }).passthrough();

const MESSAGES = {
  en: { wall: 'Wall in {{room}}', floor: 'Floor of {{room}}', splashback: 'Splashback, {{room}}', stairs: 'Stairs by {{room}}',
    small: 'small area surcharge', large: 'volume discount', cut: 'extra cutting for {{what}}', far: 'travel to {{what}}', glaze: 'glaze {{what}}' },
  de: { wall: 'Wand: {{room}}', floor: 'Boden: {{room}}', splashback: 'Spiegel: {{room}}', stairs: 'Treppe: {{room}}',
    small: 'Kleinmengenzuschlag', large: 'Mengenrabatt', cut: 'Zuschnitt: {{what}}', far: 'Anfahrt {{what}}', glaze: 'Glasur {{what}}' },
};

class Money {
  constructor(cents) {
    this.cents = Math.round(cents);
    Object.freeze(this);
  }

  plus(other) { return new Money(this.cents + other.cents); }

  times(factor) { return new Money(this.cents * factor); }

  toString() { return `${Math.trunc(this.cents / 100)}.${String(Math.abs(this.cents % 100)).padStart(2, '0')}`; }
}

const translate = (locale, key, values = {}) => (MESSAGES[locale]?.[key] ?? MESSAGES.en[key] ?? key)
  .replace(/\{\{(\w+)\}\}/g, (whole, name) => values[name] ?? whole);

const RULES = [
  { when: (l) => l.area < 2, apply: (l) => ['small', l.net.times(0.18)] },
  { when: (l) => l.area > 18, apply: (l) => ['large', l.net.times(-0.07)] },
  { when: (l) => l.surface.extras.includes('niche'), apply: () => ['cut', new Money(4800), 'niche'] },
  { when: (l) => l.surface.extras.includes('drain'), apply: () => ['cut', new Money(3900), 'drain'] },
  { when: (l) => l.surface.extras.includes('bevel'), apply: (l) => ['cut', new Money(900 * l.area), 'bevel'] },
  { when: (l) => l.glaze.startsWith('RX'), apply: (l) => ['glaze', l.net.times(0.11), l.glaze] },
  { when: (l) => /^[89]/.test(l.postcode), apply: () => ['far', new Money(1250), 'zone 2'] },
];

const read = (draft) => Project.parse(draft);

function measure(project, catalogue) {
  return project.surfaces.map((surface, position) => {
    const tile = catalogue.get(surface.glaze) ?? catalogue.get('RX-100');
    const area = _.round(surface.width * surface.height, 2);
    const tiles = Math.ceil(surface.width / tile.side) * Math.ceil(surface.height / tile.side);
    return _.defaults({ position, area, tiles, glaze: surface.glaze, postcode: project.postcode, surface }, _.pick(tile, ['price', 'hours', 'side']));
  });
}

const price = (lines) => lines.map((line) => ({ ...line, net: new Money(line.price * 100).times(line.tiles), hours: _.round(line.hours * line.area + 0.4, 1) }));

function adjust(lines, rules = RULES) {
  return lines.map((line) => rules.filter((rule) => rule.when(line)).reduce((current, rule) => {
    const [reason, amount, what] = rule.apply(current);
    return { ...current, net: current.net.plus(amount), adjustments: [...(current.adjustments ?? []), { reason, amount, what }] };
  }, line));
}

function label(lines, locale) {
  return lines.map((line) => ({
    ...line,
    labels: _.uniq([translate(locale, line.surface.kind, line.surface), ...line.surface.extras.map(_.startCase), _.truncate(line.surface.note ?? '', { length: 24 })]).filter(Boolean),
    adjustments: (line.adjustments ?? []).map((a) => ({ reason: translate(locale, a.reason, a), amount: String(a.amount) })),
  }));
}

function present(project, lines, vat) {
  const total = lines.reduce((sum, line) => sum.plus(line.net), new Money(0));
  const shown = _.sortBy(lines, ['surface.room', 'position']).map((line) => _.mapKeys({
    position: line.position, roomName: line.surface.room, glazeCode: line.glaze, squareMetres: line.area, tileCount: line.tiles,
    netPrice: String(line.net), workHours: line.hours, labels: line.labels, adjustments: line.adjustments,
  }, (value, name) => snake(name)));
  return { project: project.id, client: _.escape(project.client), lines: shown, total_net: String(total), total_gross: String(total.times(1 + vat)) };
}

const snake = (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

function roomTotals(quote) {
  return _(quote.lines).groupBy('room_name').mapValues((lines) => ({
    metres: _.round(_.sumBy(lines, 'square_metres'), 1), hours: _.round(_.sumBy(lines, 'work_hours'), 1), glazes: _.uniq(_.map(lines, 'glaze_code')).sort(),
  })).value();
}

const check = (quote) => Quote.parse(quote);

function stamp(quote) {
  const canonical = JSON.stringify(quote, (key, value) => (_.isPlainObject(value) ? _.fromPairs(_.sortBy(_.toPairs(value), 0)) : value));
  return { ...quote, fingerprint: createHash('sha256').update(canonical).digest('hex').slice(0, 16) };
}

function quoteFor(draft, { catalogue, locale, vat }) {
  const project = read(_.cloneDeep(draft));
  const lines = label(adjust(price(measure(project, catalogue))), locale);
  const quote = present(project, lines, vat);
  return stamp(check({ ...quote, rooms: roomTotals(quote) }));
}

module.exports = { quoteFor, read };

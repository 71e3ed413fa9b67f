'use strict';
const { createHash, createHmac } = require('node:crypto');
const dayjs = require('dayjs');
const Decimal = require('decimal.js');
const { z } = require('zod');

const SEAL_KEY = 'register-2024';
const BREED_NAMES = { hol: 'Holstein', ang: 'Aberdeen Angus', cha: 'Charolais', lim: 'Limousin', sim: 'Simmental', her: 'Hereford' };
const LABELS = { en: { m: 'bull or steer', f: 'cow or heifer' }, ga: { m: 'tarbh nó bullán', f: 'bó nó bodóg' } };

const Animal = z.object({
  ear_tag: z.string().regex(/^372 \d{4} \d{5} \d$/),
  breed_cd: z.enum(['hol', 'ang', 'cha', 'lim', 'sim', 'her']),
  sex: z.enum(['m', 'f']),
  birth_dt: z.string().datetime(),
  dam_tag: z.string(),
  weight_kg: z.string().transform((text) => new Decimal(text)),
  notes: z.string().max(200),
  moves: z.array(z.string()),
});

const snakeCased = (row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key.toLowerCase(), value]));

function tidyPlace(text) {
  return text.trim().replace(/\s+/g, ' ').toLowerCase().replace(/\b\p{L}/gu, (letter) => letter.toUpperCase());
}

function moveOf(line) {
  const [date, from, to, km] = line.split('|');
  return { date: dayjs(date).format('DD MMM YYYY'), from: tidyPlace(from), to: tidyPlace(to), km: Number(km) };
}

function ageText(birth, on) {
  const months = on.diff(birth, 'month');
  return months < 24 ? `${months} months` : `${Math.floor(months / 12)} years ${months % 12} months`;
}

function checkDigit(tag) {
  const digits = tag.replace(/\D/g, '');
  return [...digits].reduce((sum, digit, i) => sum + Number(digit) * (i % 2 ? 3 : 1), 0) % 10;
}

const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function notesOf(text) {
  return text.split(';').map((note) => escaped(note.trim().replace(/\s+/g, ' '))).filter(Boolean);
}

function subsidy(animal, on) {
  const months = on.diff(dayjs(animal.birth_dt), 'month');
  const base = new Decimal(animal.sex === 'f' ? '21.35' : '17.80');
  const kilos = animal.weight_kg.minus(240).times('0.0175');
  const young = months < 30 ? new Decimal('9.40') : new Decimal(0);
  return base.plus(Decimal.max(kilos, 0)).plus(young).times('1.0435').toDecimalPlaces(2);
}

function sealed(passport) {
  const text = JSON.stringify(passport);
  return { ...passport, seal: createHmac('sha256', SEAL_KEY).update(text).digest('base64url').slice(0, 16) };
}

function barcode(tag) {
  return Buffer.from(tag.replace(/ /g, '')).toString('hex').match(/.{2}/g).map((pair) => Number.parseInt(pair, 16).toString(2).padStart(8, '0')).join('');
}

function letterTo(keeper, passport) {
  return 'Dear {keeper}, {tag} ({breed}, {age}) is registered; {subsidy} are due. Last move: {last}.'
    .replace(/\{(\w+)\}/g, (_, name) => ({ keeper, tag: passport.ear_tag, breed: passport.breed, age: passport.age,
      subsidy: passport.subsidy, last: passport.moves.at(-1)?.to ?? 'none' })[name]);
}

const euro = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });
const collator = new Intl.Collator('en', { numeric: true });

function passportOf(row, { lang, keeper, on }) {
  const animal = Animal.parse(snakeCased(structuredClone(row)));
  const birth = dayjs(animal.birth_dt);
  const passport = {
    ear_tag: animal.ear_tag,
    check: checkDigit(animal.ear_tag),
    breed: BREED_NAMES[animal.breed_cd],
    sex: (LABELS[lang] ?? LABELS.en)[animal.sex],
    born: birth.format('dddd D MMMM YYYY'),
    age: ageText(birth, on),
    dam: animal.dam_tag || null,
    weight: `${animal.weight_kg.toFixed(1)} kg`,
    notes: notesOf(animal.notes),
    moves: animal.moves.map(moveOf),
    subsidy: euro.format(subsidy(animal, on).toNumber()),
    barcode: barcode(animal.ear_tag),
  };
  return sealed({ ...passport, letter: letterTo(keeper, passport) });
}

function passportsOf({ number, keeper, rows }, { lang, sort }) {
  const on = dayjs('2024-11-20');
  const passports = rows.map((row) => passportOf(row, { lang, keeper, on }));
  passports.sort((a, b) => collator.compare(String(a[sort]), String(b[sort])));
  const due = rows.reduce((sum, row) => sum.plus(subsidy(Animal.parse(snakeCased(row)), on)), new Decimal(0));
  const page = JSON.stringify({ herd: number, keeper, due: due.toFixed(2), passports });
  return { page, seal: createHash('sha1').update(page).digest('hex') };
}

function movementsOf({ rows }) {
  return rows.flatMap((row) => row.MOVES.map((line) => ({ ear_tag: row.EAR_TAG, ...moveOf(line) })));
}

module.exports = { passportsOf, movementsOf };

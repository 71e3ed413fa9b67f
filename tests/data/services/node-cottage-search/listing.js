'use strict';
// What a cottage looks like to the outside: each step takes the draft and adds to it or tidies it.
const { createHash } = require('node:crypto');

const TOWNS = { keswick: [54.6, -3.13], ambleside: [54.43, -2.96], penrith: [54.66, -2.75], kendal: [54.33, -2.74], ulverston: [54.19, -3.09] };
const SEASONS = [['01-01', 0.8], ['03-20', 1], ['05-24', 1.2], ['07-10', 1.55], ['09-06', 1.05], ['10-30', 0.85], ['12-18', 1.4]];
const LABELS = {
  dog: { en: 'Dogs welcome', de: 'Hunde willkommen' }, wifi: { en: 'Wi-Fi', de: 'WLAN' }, stove: { en: 'Wood stove', de: 'Kaminofen' },
  garden: { en: 'Garden', de: 'Garten' }, lake: { en: 'By the lake', de: 'Am See' }, parking: { en: 'Parking', de: 'Parkplatz' },
  cot: { en: 'Cot', de: 'Kinderbett' }, sauna: { en: 'Sauna', de: 'Sauna' }, hob: { en: 'Induction hob', de: 'Induktionsfeld' },
};
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const DAY = 86_400_000;

const escaped = (text) => text.replace(/[&<>"]/g, (c) => ENTITIES[c]);

function check(cottage) {
  const problems = [];
  for (const field of ['id', 'title', 'text', 'sleeps', 'rate', 'at', 'tags', 'booked', 'reviews']) {
    if (cottage[field] === undefined || cottage[field] === null) problems.push(`${field} is missing`);
  }
  if (!/^[A-Z]{2}-\d{3,5}$/.test(cottage.id)) problems.push('id is malformed');
  if (!Number.isInteger(cottage.sleeps) || cottage.sleeps < 1) problems.push('sleeps must be positive');
  for (const tag of cottage.tags) if (!/^[a-z]+$/.test(tag)) problems.push(`tag ${tag}`);
  return problems;
}

function slug(draft, { cottage }) {
  draft.slug = cottage.title.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

function headline(draft, { cottage }) {
  const words = cottage.title.split(' ').map((word) => word[0].toUpperCase() + word.slice(1));
  draft.title = escaped(words.join(' '));
}

function teaser(draft, { cottage }) {
  const plain = cottage.text.replace(/\*\*(.+?)\*\*/g, '$1').replace(/\[(.+?)\]\(.+?\)/g, '$1').replace(/\s+/g, ' ');
  const end = plain.lastIndexOf(' ', 140);
  draft.teaser = `${escaped(plain.slice(0, end))} ...`;
}

function factor(day) {
  let found = 1;
  for (const [from, value] of SEASONS) if (day >= from) found = value;
  return found;
}

function rates(draft, { cottage, query }) {
  draft.nights = [];
  let total = 0;
  for (let n = 0; n < query.nights; n++) {
    const date = new Date(query.arrive + n * DAY);
    const weekend = date.getUTCDay() > 4 ? 1.12 : 1;
    const day = `${String(date.getUTCMonth() + 1).padStart(2, '0')}-${String(date.getUTCDate()).padStart(2, '0')}`;
    const rate = Math.round(cottage.rate * factor(day) * weekend);
    total += rate;
    draft.nights.push({ day, rate });
  }
  draft.total = total - (query.nights > 6 ? Math.round(total * 0.1) : 0);
}

function money(draft, { locale }) {
  const [whole, cents] = (draft.total * 1.02).toFixed(2).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, locale === 'de' ? '.' : ',');
  draft.price = locale === 'de' ? `${grouped},${cents} GBP` : `£${grouped}.${cents}`;
}

function availability(draft, { cottage, query }) {
  const first = Math.floor((query.arrive - Date.UTC(2025, 0, 1)) / DAY);
  let free = 0;
  const strip = [];
  for (let day = first - 14; day < first + query.nights + 14; day++) {
    const taken = (cottage.booked[day >> 5] >>> (day & 31)) & 1;
    strip.push(taken ? 'x' : '.');
    if (!taken && day >= first && day < first + query.nights) free++;
  }
  draft.available = free === query.nights;
  draft.calendar = strip.join('').match(/.{1,7}/g);
}

function distances(draft, { cottage }) {
  const rad = Math.PI / 180;
  draft.near = Object.entries(TOWNS).map(([town, [lat, lon]]) => {
    const a = Math.sin(((lat - cottage.at[0]) * rad) / 2) ** 2;
    const b = Math.cos(lat * rad) * Math.cos(cottage.at[0] * rad) * Math.sin(((lon - cottage.at[1]) * rad) / 2) ** 2;
    return { town, km: Math.round(127420 * Math.asin(Math.sqrt(a + b))) / 10 };
  }).sort((x, y) => x.km - y.km).slice(0, 3);
}

function stars(draft, { cottage }) {
  let sum = 0;
  let weights = 0;
  const counts = [0, 0, 0, 0, 0];
  cottage.reviews.forEach(({ mark, age }) => {
    const weight = Math.exp(-age / 400);
    sum += weight * mark;
    weights += weight;
    counts[mark - 1]++;
  });
  draft.stars = { average: Math.round((sum / weights) * 10) / 10, count: cottage.reviews.length, counts };
}

function quote(draft, { cottage }) {
  const best = cottage.reviews.filter((r) => r.words.length > 20).sort((a, b) => b.mark - a.mark || a.age - b.age)[0];
  draft.quote = best ? { words: escaped(best.words), mark: best.mark } : null;
}

function amenities(draft, { cottage, locale }) {
  draft.amenities = [...new Set(cottage.tags)].map((tag) => LABELS[tag]?.[locale] ?? tag).sort((a, b) => (a < b ? -1 : 1));
}

function photos(draft, { cottage, expires }) {
  draft.photos = cottage.photos.map((name) => {
    const path = `/photos/${cottage.id}/${name}.jpg`;
    return `${path}?until=${expires}&w=640&key=${createHash('md5').update(path + expires).digest('hex').slice(0, 12)}`;
  });
}

function terms(draft, { cottage, query }) {
  const notice = Math.round((query.arrive - query.today) / DAY);
  const rules = [[60, 0], [30, 25], [14, 50], [3, 80], [0, 100]].filter(([days]) => days <= notice);
  draft.terms = rules.map(([days, share]) => ({ until: new Date(query.arrive - days * DAY).toISOString().slice(0, 10), fee: Math.round((draft.total * share) / 100) }));
  draft.deposit = cottage.tags.includes('dog') ? 150 : 100;
}

function links(draft, { cottage, query }) {
  const search = new URLSearchParams({ arrive: new Date(query.arrive).toISOString().slice(0, 10), nights: query.nights, guests: query.guests });
  draft.links = { self: `/v2/cottages/${cottage.id}/${draft.slug}`, book: `/v2/bookings/new?cottage=${encodeURIComponent(cottage.id)}&${search}` };
}

function fit(draft, { cottage, query }) {
  const room = Math.min(1, query.guests / cottage.sleeps);
  const wanted = new Set(query.wishes);
  const shared = cottage.tags.filter((tag) => wanted.has(tag)).length;
  draft.score = Number((0.5 * room + 0.3 * (shared / Math.max(1, wanted.size)) + 0.04 * draft.stars.average).toFixed(3));
}

const STEPS = [slug, headline, teaser, rates, money, availability, distances, stars, quote, amenities, photos, terms, links, fit];

function present(cottage, context) {
  const draft = { id: cottage.id, sleeps: cottage.sleeps };
  for (const step of STEPS) step(draft, { cottage, ...context });
  return draft;
}

const renamed = (key) => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** The second version of the API has snake case and no empty members. */
function asV2(value) {
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'object' ? asV2(item) : item));
  if (value === null || typeof value !== 'object') return value;
  const out = {};
  for (const key of Object.keys(value)) if (value[key] !== null && value[key] !== '') out[renamed(key)] = asV2(value[key]);
  return out;
}

module.exports = { check, present, asV2 };

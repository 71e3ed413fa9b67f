import { createHash } from 'node:crypto';

const number = new Intl.NumberFormat('de-CH', { style: 'currency', currency: 'CHF', maximumFractionDigits: 0 });
const longDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'Europe/Zurich' });
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const TERMS = {
  en: { rooms: '{n} rooms', sleeps: 'sleeps {n}', from: 'from {price} a night', free: 'free from {day}' },
  fr: { rooms: '{n} pièces', sleeps: 'pour {n} personnes', from: 'dès {price} la nuit', free: 'libre dès le {day}' },
};

const say = (lang, key, values) => TERMS[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

export function withDefaults(villa) {
  const clone = structuredClone(villa);
  clone.amenities ??= [];
  clone.rules = { pets: false, smoking: false, minNights: 3, ...clone.rules };
  return clone;
}

export function validated(villa) {
  const checks = {
    id: (v) => /^V\d{4}$/.test(v),
    name: (v) => typeof v === 'string' && v.trim().length > 2,
    nightly: (v) => Number.isInteger(v) && v > 0,
    lat: (v) => Math.abs(v) <= 90,
    lon: (v) => Math.abs(v) <= 180,
    freeFrom: (v) => !Number.isNaN(Date.parse(v)),
    photos: (v) => Array.isArray(v) && v.every((p) => /^[\w-]+\/\d+\.jpe?g$/.test(p)),
  };
  const problems = Object.entries(checks).filter(([key, ok]) => !ok(villa[key])).map(([key]) => key);
  return { ...villa, problems, publishable: problems.length === 0 };
}

export function slugged(villa) {
  const slug = villa.name.normalize('NFD').replace(/\p{M}+/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return { ...villa, slug: `${slug}-${villa.id.toLowerCase()}` };
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text) => text.replace(/[&<>"]/g, (c) => ENTITIES[c]);

export function cleaned(villa) {
  const text = villa.text.replace(/<\/?(?!b\b|i\b)[a-z]+[^>]*>/gi, '').replace(/\s+/g, ' ').trim();
  const words = text.split(' ');
  return { ...villa, text, teaser: words.length > 22 ? `${words.slice(0, 22).join(' ')} …` : text };
}

const BASE32 = '0123456789bcdefghjkmnpqrstuvwxyz';
export function located(villa) {
  const lat = [-90, 90];
  const lon = [-180, 180];
  let hash = '';
  for (let bit = 0, value = 0, even = true; hash.length < 9; even = !even) {
    const [range, at] = even ? [lon, villa.lon] : [lat, villa.lat];
    const middle = (range[0] + range[1]) / 2;
    value = (value << 1) | Number(at >= middle);
    range[at >= middle ? 0 : 1] = middle;
    bit += 1;
    if (bit === 5) {
      hash += BASE32[value];
      bit = 0;
      value = 0;
    }
  }
  return { ...villa, geohash: hash };
}

export function priced(villa) {
  const seasons = villa.seasons.map(({ name, factor, from, to }) => {
    const nightly = Math.round((villa.nightly * factor) / 5) * 5;
    return { name, from, to, nightly, weekly: Math.round(nightly * 6.5), shown: number.format(nightly) };
  });
  return { ...villa, seasons, cheapest: Math.min(...seasons.map((s) => s.nightly)) };
}

export function worded(villa, lang) {
  const facts = [
    say(lang, 'rooms', { n: villa.rooms }),
    say(lang, 'sleeps', { n: villa.sleeps }),
    say(lang, 'from', { price: number.format(villa.cheapest) }),
    say(lang, 'free', { day: longDay.format(new Date(villa.freeFrom)) }),
  ];
  return { ...villa, facts };
}

export function pictured(villa) {
  const photos = villa.photos.map((photo, n) => {
    const signature = createHash('sha256').update(`${photo}:1200x800:feed`).digest('base64url').slice(0, 16);
    const url = new URL(`/r/1200x800/${photo}`, 'https://img.villas.example');
    url.searchParams.set('s', signature);
    return { url: url.href, alt: `${villa.name}, photo ${n + 1}` };
  });
  return { ...villa, photos };
}

export function amenitiesSorted(villa) {
  const amenities = villa.amenities.map((a) => a.replaceAll('_', ' ')).sort(collator.compare);
  return { ...villa, amenities: [...new Set(amenities)] };
}

export function snakeCased(value) {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), snakeCased(v)]));
}

export function asXml(villa) {
  const photos = villa.photos.map((p) => `<image><url>${escaped(p.url)}</url><alt>${escaped(p.alt)}</alt></image>`).join('');
  const rates = villa.seasons.map((s) => `<rate from="${s.from}" to="${s.to}" nightly="${s.nightly}" weekly="${s.weekly}">${escaped(s.name)}</rate>`).join('');
  return `<listing id="${villa.id}" geohash="${villa.geohash}"><title>${escaped(villa.name)}</title>`
    + `<link>https://villas.example/${villa.slug}</link><text>${escaped(villa.teaser)}</text>`
    + `<facts>${villa.facts.map((f) => `<fact>${escaped(f)}</fact>`).join('')}</facts>${rates}${photos}`
    + `<amenities>${escaped(villa.amenities.join(', '))}</amenities></listing>`;
}

export function fingerprint(villa) {
  return createHash('sha1').update(JSON.stringify(villa, Object.keys(villa).sort())).digest('hex');
}

// Product recalls: notices of the authorities and of the makers, merged into one list for shops.
import { createServer } from 'node:http';
import { createApp, createError, createRouter, eventHandler, getQuery, getRouterParam, toNodeListener } from 'h3';
import _ from 'lodash';

const KINDS = ['toy', 'charger', 'helmet', 'candle', 'stroller', 'drill', 'kettle', 'cot'];
const RISKS = ['burns', 'choking', 'electric shock', 'fall', 'fire'];
const COUNTRIES = ['AT', 'DE', 'DK', 'FR', 'IT', 'NL', 'PL', 'SE'];
const SOURCES = ['authority', 'maker', 'market place'];

function notice(n, source) {
  const day = 1 + ((n * 5) % 27);
  return {
    source,
    received: `2025-0${1 + (n % 6)}-${String(day).padStart(2, '0')}T0${n % 9}:1${n % 6}:00Z`,
    product: { kind: KINDS[n % 3], brand: `Brand ${n % 4}`, model: `M-${100 + (n % 290)}`, lots: [`L${n % 31}`, `L${(n * 7) % 53}`] },
    risk: { kind: RISKS[n % 2], serious: n % 3 === 0 },
    countries: COUNTRIES.filter((_country, k) => (n + k) % 3 !== 0),
    action: n % 4 ? 'return to shop' : 'destroy',
  };
}

const feeds = Object.fromEntries(SOURCES.map((source, k) => [source, Array.from({ length: 95 }, (_unused, n) => notice(n * (k + 1) + k, source))]));

class Notices {
  constructor(byFeed) {
    this.byFeed = byFeed;
  }

  since(day) {
    return Object.values(this.byFeed).flatMap((list) => list.filter((one) => one.received >= day));
  }

  of(source) {
    return this.byFeed[source];
  }
}

const notices = new Notices(feeds);

/** What a notice says, whoever says it and whenever. */
function content(one) {
  return _.omit(one, ['source', 'received']);
}

function withoutDoubles(list) {
  return _.uniqWith(list, (a, b) => _.isEqual(a.said, b.said));
}

function severity({ risk, action }) {
  return (risk.serious ? 10 : 2) + (action === 'destroy' ? 5 : 0) + RISKS.indexOf(risk.kind);
}

function headline({ product, risk }) {
  return `${_.upperFirst(product.kind)} ${product.brand} ${product.model}: ${risk.serious ? 'serious risk of' : 'risk of'} ${risk.kind}`;
}

function currentList(since, country) {
  const heard = notices.since(since).map((one) => ({ said: content(one), received: one.received, source: one.source }));
  const recent = _.orderBy(heard, ['received'], ['desc']);
  return withoutDoubles(recent)
    .filter(({ said }) => !country || said.countries.includes(country))
    .map(({ said, received, source }) => ({
      title: headline(said),
      level: severity(said),
      action: said.action,
      lots: said.product.lots,
      countries: said.countries,
      last: { received, source },
    }));
}

function dayOr(text, other) {
  if (text === undefined) return other;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) throw createError({ statusCode: 400, statusMessage: 'since?' });
  return text;
}

const router = createRouter();

router.get('/healthz', eventHandler(() => ({ status: 'ok' })));

router.get('/recalls/current', eventHandler((event) => {
  const { since, country, limit } = getQuery(event);
  const list = currentList(dayOr(since, '2025-01-01'), country);
  return { total: list.length, byAction: _.countBy(list, 'action'), recalls: list.slice(0, Number(limit ?? 60)) };
}));

router.get('/recalls/sources', eventHandler(() =>
  SOURCES.map((source) => ({ source, notices: notices.of(source).length, last: _.maxBy(notices.of(source), 'received').received }))));

router.get('/recalls/brands/:brand', eventHandler((event) => {
  const brand = decodeURIComponent(getRouterParam(event, 'brand'));
  const found = notices.since('2025-01-01').filter((one) => one.product.brand === brand);
  if (!found.length) throw createError({ statusCode: 404, statusMessage: 'no such brand' });
  return _.countBy(found, (one) => one.product.kind);
}));

const app = createApp();
app.use(router);
createServer(toNodeListener(app)).listen(Number(process.env.PORT), '127.0.0.1');

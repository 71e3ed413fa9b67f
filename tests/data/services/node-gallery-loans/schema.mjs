import { GraphQLScalarType, buildSchema, defaultFieldResolver } from 'graphql';

export const schema = buildSchema(`
  scalar Day
  scalar Money
  type Lender { id: ID!, name: String!, city: String!, contact: String }
  type Report { id: ID!, on: Day!, by: String!, grade: Int!, notes: String }
  type Work {
    id: ID!, title: String!, artist: String!, year: Int, technique: String, size: String!, insured_value: Money!,
    accession_no: String!, label: String!, lender: Lender!, reports(last: Int = 3): [Report!]!, due_back: Day
  }
  type Exhibition { id: ID!, title: String!, opens: Day!, closes: Day!, works(limit: Int = 300): [Work!]!, insured_total: Money! }
  type Query { exhibition(id: ID!): Exhibition, exhibitions: [Exhibition!]!, lender(id: ID!): Lender }
`);

const day = schema.getType('Day');
day.serialize = (value) => {
  const date = value instanceof Date ? value : new Date(value);
  return `${date.getUTCFullYear()}-${String(date.getUTCMonth() + 1).padStart(2, '0')}-${String(date.getUTCDate()).padStart(2, '0')}`;
};
const money = schema.getType('Money');
money.serialize = (cents) => `${(cents / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, "'")} CHF`;
if (!(day instanceof GraphQLScalarType)) throw new TypeError('Day');

const NOW = Date.UTC(2025, 4, 1);
const DAY = 86400000;

const lenders = Array.from({ length: 80 }, (_, n) => ({
  id: `l-${n}`,
  name: `${['Kunsthaus', 'Sammlung', 'Fondation', 'Private collection'][n % 4]} ${n}`,
  city: ['Basel', 'Wien', 'Lyon', 'Torino', 'Gent'][n % 5],
  contact: n % 3 ? `loans${n}@museum.example or 555-${1000 + n}` : null,
}));

const works = Array.from({ length: 2400 }, (_, n) => ({
  id: `w-${n}`,
  title: `${['Still life', 'Harbour', 'Portrait', 'Study', 'Landscape'][n % 5]} with ${['lemons', 'fog', 'a dog', 'two hands', 'poplars'][(n * 7) % 5]}`,
  artist: `${['A.', 'M.', 'J.', 'P.'][n % 4]} ${['Keller', 'Moreau', 'Bassi', 'Lind'][(n * 3) % 4]}`,
  year: n % 11 ? 1820 + (n * 13) % 180 : null,
  technique: n % 6 ? ['oil on canvas', 'tempera', 'pastel'][n % 3] : null,
  height: 20 + (n * 17) % 180,
  width: 30 + (n * 29) % 220,
  insured_value: 150000 + (n * 7919) % 90000000,
  number: n,
  lenderId: `l-${(n * 31) % 80}`,
  reports: Array.from({ length: 5 }, (_, k) => ({
    id: `r-${n}-${k}`, on: NOW - (k * 90 + (n % 60)) * DAY, by: `conservator ${(n + k) % 9}`, grade: 1 + ((n + k) % 5),
    notes: (n + k) % 4 ? `craquelure ${k} cm lower left, see conservator${n % 9}@museum.example` : null,
  })),
}));

const exhibitions = Array.from({ length: 12 }, (_, n) => ({
  id: `e-${n}`, title: `Room ${n + 1}`, opens: NOW + n * 7 * DAY, closes: NOW + (n * 7 + 90) * DAY,
  workIds: works.filter((work) => work.number % 12 === n).map((work) => work.id),
}));

const byId = (list) => new Map(list.map((entry) => [entry.id, entry]));
const [lendersById, worksById, exhibitionsById] = [lenders, works, exhibitions].map(byId);

const resolvers = {
  Query: {
    exhibition: (_, { id }) => exhibitionsById.get(id) ?? null,
    exhibitions: () => exhibitions,
    lender: (_, { id }) => lendersById.get(id) ?? null,
  },
  Exhibition: {
    works: (exhibition, { limit }) => exhibition.workIds.slice(0, limit).map((id) => worksById.get(id)),
    insured_total: (exhibition) => exhibition.workIds.reduce((sum, id) => sum + worksById.get(id).insured_value, 0),
  },
  Work: {
    size: (work) => `${work.height} × ${work.width} cm`,
    accession_no: (work) => `${work.year ?? 's.d.'}.${String(work.number).padStart(5, '0')}`,
    label: (work) => [work.artist, work.title, work.technique].filter(Boolean).join(', '),
    lender: (work) => lendersById.get(work.lenderId),
    reports: (work, { last }) => work.reports.slice(0, last),
    due_back: (work) => NOW + (100 + (work.number % 30)) * DAY,
  },
};

const counts = new Map();

/** Counts what is asked for, so that fields can be retired. */
function counted(name, resolve) {
  return async (source, args, context, info) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return resolve(source, args, context, info);
  };
}

for (const type of Object.values(schema.getTypeMap())) {
  if (type.name.startsWith('__') || !type.getFields) continue;
  for (const field of Object.values(type.getFields())) {
    field.resolve = counted(`${type.name}.${field.name}`, resolvers[type.name]?.[field.name] ?? defaultFieldResolver);
  }
}

// What the instruments' export holds. A batch is derived from its number, the same each time.
export const analytes = ['Al', 'As', 'B', 'Ba', 'Cd', 'Co', 'Cr', 'Cu', 'Fe', 'Hg', 'Mn', 'Mo', 'Ni', 'Pb', 'Sb', 'Se', 'U', 'V', 'Zn'];

const SITES = ['Upper weir', 'Mill pond', 'Well 7', 'Harbour basin', 'Spring chamber'];
const METHODS = { 'icp-ms': 1.6, 'icp-oes': 1 };

export function calibrationOf(method, analyte) {
  const n = analytes.indexOf(analyte);
  const sensitivity = METHODS[method] ?? 1;
  return { slope: sensitivity * (900 + n * 41), offset: 12 + (n % 5), blank: 3 + (n % 4) * 0.8 };
}

function* noise(seed) {
  let state = seed >>> 0 || 1;
  while (true) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

const batches = new Map();

function loadBatch(id, number) {
  const samples = 110;
  const random = noise(number * 7919);
  const next = () => random.next().value;
  const readings = new Map();
  for (const analyte of analytes) {
    readings.set(analyte, Array.from({ length: samples }, (_, at) => ({
      sample: `${id}/${String(at + 1).padStart(3, '0')}`,
      counts: 20 + next() * 1400,
      standard: 1 + at * 0.0004 + next() * 0.01,
      rsd: next() * 0.2,
    })));
  }
  return { id, site: SITES[number % SITES.length], samples, readings };
}

export function readBatch(name) {
  const number = Number(name.replace(/\D/g, '')) % 64 || 1;
  if (!batches.has(number)) batches.set(number, loadBatch(`b-${number}`, number));
  return batches.get(number);
}

// What is looked up about a car before it is bought. A check turns a registry's answer into findings.
const GATEWAY = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

export class RegistryError extends Error {}

async function ask(registry, plate) {
  const response = await fetch(`${GATEWAY}/${registry}/${encodeURIComponent(plate)}`, { signal: AbortSignal.timeout(4000) });
  if (!response.ok) throw new RegistryError(`${registry}: ${response.status}`);
  return response.json();
}

const finding = (check, severity, text) => ({ check, severity, text });

const CHECKS = {
  async keepers({ plate }) {
    const { keepers, since } = await ask('keepers', plate);
    return [finding('keepers', keepers > 3 ? 'warn' : 'info', `${keepers} keepers since ${since}`)];
  },

  async mileage({ plate, mileage }) {
    const { inspections } = await ask('inspections', plate);
    const highest = Math.max(...inspections.map((i) => i.mileage));
    return mileage < highest ? [finding('mileage', 'stop', `clock shows less than ${highest}`)] : [];
  },

  async recalls({ plate }) {
    const { open } = await ask('recalls', plate);
    return open.map((recall) => finding('recalls', 'warn', `open recall: ${recall}`));
  },

  async finance({ plate }) {
    const { outstanding } = await ask('finance', plate);
    return outstanding > 0 ? [finding('finance', 'stop', `${outstanding} outstanding`)] : [];
  },

  async history({ plate }) {
    const { writeOff } = await ask('insurance', plate);
    return writeOff ? [finding('history', 'stop', `category ${writeOff}`)] : [];
  },

  async theft({ plate }) {
    const { stolen } = await ask('theft', plate);
    return stolen ? [finding('theft', 'stop', 'reported stolen')] : [];
  },
};

export const checkNames = Object.keys(CHECKS);

/** All findings about a car; a registry that is out of order is a finding too. */
export async function* findings(car, wanted = checkNames) {
  for (const name of wanted) {
    try {
      yield* await CHECKS[name](car);
    } catch (error) {
      if (!(error instanceof RegistryError) && error.name !== 'TimeoutError') throw error;
      yield finding(name, 'unknown', 'registry not available');
    }
  }
}

export function guidePrice(plate) {
  return ask('prices', plate);
}

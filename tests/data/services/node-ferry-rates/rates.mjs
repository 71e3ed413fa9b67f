// Tariffs of the lines, asked for at their office and kept for a minute and a half.
const OFFICE = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const AGE = 90;

class Kept {
  #entries = new Map();

  constructor(forTime) {
    this.forTime = forTime;
  }

  fresh(key) {
    const entry = this.#entries.get(key);
    return entry && entry.until > Date.now() ? entry.value : null;
  }

  keep(key, value) {
    this.#entries.set(key, { value, until: Math.floor(Date.now() / 1000) + this.forTime });
    return value;
  }
}

const tariffs = new Kept(AGE);

export async function tariffFor(route) {
  const known = tariffs.fresh(route);
  if (known) return known;
  const answer = await fetch(`${OFFICE}/tariffs/${route}`);
  return tariffs.keep(route, await answer.json());
}

// The garages' database.
import DataLoader from 'dataloader';
import pg from 'pg';

const CARS = `
  SELECT c.id, c.plate, c.model, c.mileage, o.name AS customer, o.phone
  FROM cars c JOIN owners o ON o.id = c.owner_id
  WHERE c.id = ANY($1)`;
const PARTS = `
  SELECT job_id, part_no, quantity, price_cents, expected_on, arrived_on
  FROM part_orders
  WHERE job_id = ANY($1)
  ORDER BY job_id, part_no`;

function groupBy(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(row[key]);
    if (group) group.push(row);
    else groups.set(row[key], [row]);
  }
  return groups;
}

export class Workshop {
  constructor(url) {
    this.pool = new pg.Pool({ connectionString: url, max: 10 });
  }

  async rows(text, values) {
    const { rows } = await this.pool.query(text, values);
    return rows;
  }

  openJobs(garage) {
    return this.rows(
      'SELECT id, kind, bay, car_id, hours FROM jobs WHERE garage_id = $1 AND finished_on IS NULL ORDER BY bay, id',
      [garage],
    );
  }

  async job(id) {
    const [job] = await this.rows('SELECT id, kind, bay, car_id, hours FROM jobs WHERE id = $1', [id]);
    return job;
  }

  jobsOfCar(plate) {
    return this.rows(
      'SELECT j.id, j.kind, j.finished_on FROM jobs j JOIN cars c ON c.id = j.car_id WHERE c.plate = $1 ORDER BY j.id DESC',
      [plate],
    );
  }

  /** The loaders of one request. */
  loaders() {
    return {
      car: new DataLoader(async (ids) => {
        const cars = new Map((await this.rows(CARS, [ids])).map((row) => [row.id, row]));
        return ids.map((id) => cars.get(id) ?? new Error(`no car ${id}`));
      }),
      parts: new DataLoader(async (ids) => {
        const parts = groupBy(await this.rows(PARTS, [ids]), 'job_id');
        return ids.map((id) => parts.get(id) ?? []);
      }),
    };
  }
}

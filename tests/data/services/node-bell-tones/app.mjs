// Partials of bells, computed by the database from the foundry's profiles.
import { createServer } from 'node:http';
import postgres from 'postgres';

const sql = postgres(process.env.DATABASE_URL, { max: 3, idle_timeout: 600 });

async function partials(bell) {
  const rows = await sql`
    SELECT p.id, repeat(p.note, 40) AS chart,
           (SELECT sum(sqrt(abs(p.cut - j)))::float8 FROM generate_series(1, 900) j) AS energy
    FROM profiles p WHERE p.bell = ${bell}`;
  return rows.map(({ id, energy, chart }) => ({ id, energy: Math.round(energy), marks: chart.length }));
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/alive') return response.end('yes');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(await partials(Number(url.searchParams.get('bell') ?? 1))));
}).listen(Number(process.env.PORT), '127.0.0.1');

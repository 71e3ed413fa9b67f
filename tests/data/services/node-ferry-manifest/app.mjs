// Manifests of ferries: who is on board, and whether the port lets them land.
import { createServer } from 'node:http';
import postgres from 'postgres';

const sql = postgres(process.env.DATABASE_URL, { max: 3, idle_timeout: 600 });
const port = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/landing`;

class Manifest {
  async open() {
    this.session = await sql.reserve();
  }

  async passengers(crossing) {
    return this.session`SELECT id, name, deck FROM passengers WHERE crossing = ${crossing} ORDER BY deck, id`;
  }

  close() {
    this.session.release();
  }
}

async function landing(deck) {
  const answer = await fetch(`${port}?deck=${deck}`);
  return (await answer.json()).ok;
}

async function manifestOf(crossing) {
  const manifest = new Manifest();
  await manifest.open();
  try {
    const passengers = await manifest.passengers(crossing);
    const decks = {};
    for (const deck of new Set(passengers.map((p) => p.deck))) decks[deck] = await landing(deck);
    return { crossing, passengers: passengers.filter((p) => decks[p.deck]) };
  } finally {
    manifest.close();
  }
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/alive') return response.end('yes');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(await manifestOf(Number(url.searchParams.get('crossing') ?? 1))));
}).listen(Number(process.env.PORT), '127.0.0.1');

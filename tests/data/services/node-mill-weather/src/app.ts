import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'undici';

interface Reading { station: string; wind: number }

const upstream: string = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const stations: string[] = ['alder', 'birch', 'cedar', 'dune', 'elm', 'fern', 'gorse', 'heath', 'iris', 'juniper'];

async function readStation(station: string): Promise<Reading> {
  const { body } = await request(`${upstream}/stations/${station}`);
  return (await body.json()) as Reading;
}

async function* readings(names: string[]): AsyncGenerator<Reading> {
  for (const name of names) {
    yield await readStation(name);
  }
}

async function windReport(): Promise<{ strongest: string; mean: number }> {
  let total = 0;
  let strongest: Reading = { station: '', wind: -1 };
  for await (const reading of readings(stations)) {
    total += reading.wind;
    if (reading.wind > strongest.wind) strongest = reading;
  }
  return { strongest: strongest.station, mean: total / stations.length };
}

createServer(async (req: IncomingMessage, res: ServerResponse) => {
  if (req.url === '/healthz') {
    res.end('ok');
    return;
  }
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(await windReport()));
}).listen(Number(process.env.PORT), '127.0.0.1');

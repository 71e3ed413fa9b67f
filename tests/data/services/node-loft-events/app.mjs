import { EventEmitter } from 'node:events';
import Koa from 'koa';

const loft = new EventEmitter();
loft.setMaxListeners(0);
const app = new Koa();

function watchPigeon(ring) {
  const flights = new Array(3000).fill(0).map((_, i) => ({ ring, leg: i, km: (i * 31) % 90 }));
  loft.on('arrival', (arrived) => {
    const known = flights.find((flight) => flight.ring === arrived);
    if (known) known.km += 1;
  });
  return flights.reduce((sum, flight) => sum + flight.km, 0);
}

let rings = 0;
app.use(async (ctx) => {
  if (ctx.path === '/healthz') {
    ctx.body = 'ok';
    return;
  }
  rings += 1;
  const km = watchPigeon(rings);
  loft.emit('arrival', rings);
  ctx.body = { ring: rings, km };
});

app.listen(Number(process.env.PORT), '127.0.0.1');

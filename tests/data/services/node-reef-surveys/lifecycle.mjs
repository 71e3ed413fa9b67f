// The service drains before it stops: what is under way is cut short once closing has been decided.
let decide;
const closing = new Promise((_, reject) => {
  decide = reject;
});
closing.catch(() => {});

export class Closing extends Error {
  status = 503;
  expose = true;
}

export function untilClosing(work) {
  return Promise.race([closing, work]);
}

export function closeOnSignal(server, grace = 2000) {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      decide(new Closing('closing'));
      server.close(() => process.exit(0));
      server.closeIdleConnections();
      setTimeout(() => process.exit(0), grace).unref();
    });
  }
}

// Logs of pumps: what they moved, by the hour. Before the service is moved, what was read is told to the ledger.
import express from 'express';

let move;
const moving = new Promise((resolve) => { move = resolve; });
process.on('SIGUSR2', () => move());
const ledger = [];

function readings(pump) {
  return Array.from({ length: 1500 }, (_, hour) => ({ pump, hour, litres: 40 + ((pump * 131 + hour * 17) % 90) }));
}

async function settle(pump, read) {
  await moving;
  ledger.push({ pump, litres: read.reduce((sum, each) => sum + each.litres, 0) });
}

const app = express();
app.get('/alive', (request, response) => response.send('yes'));
app.get('/pumps/:id/log', (request, response) => {
  const pump = Number(request.params.id);
  const read = readings(pump);
  void settle(pump, read);
  response.json({ pump, days: Math.ceil(read.length / 24), most: Math.max(...read.map((each) => each.litres)) });
});
app.listen(Number(process.env.PORT), '127.0.0.1');

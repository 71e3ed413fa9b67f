const cluster = require('cluster');
const { spawnSync } = require('child_process');
const express = require('express');

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork();
  cluster.on('exit', () => cluster.fork());
} else {
  const app = express();

  function sortCoins(coins) {
    const done = spawnSync('sh', ['-c', 'sleep 0.06; sort -n'], { input: coins.join('\n'), encoding: 'utf8' });
    return done.stdout.split('\n').filter(Boolean).map(Number);
  }

  app.get('/healthz', (req, res) => res.send('ok'));
  app.get('/coins', (req, res) => {
    const coins = Array.from({ length: 400 }, (_, i) => (i * 7919) % 1000);
    res.json({ smallest: sortCoins(coins)[0] });
  });
  app.listen(process.env.PORT, '127.0.0.1');
}

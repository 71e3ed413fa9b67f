const cluster = require('cluster');
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork();
} else {
  const settings = JSON.parse(fs.readFileSync(require('path').join(__dirname, 'settings.json'), 'utf8'));
  const recent = [];

  setInterval(() => {
    const sum = crypto.createHash('sha256');
    for (let i = 0; i < 400; i++) sum.update(JSON.stringify(recent));
    fs.readFileSync(__filename);
  }, 1000);

  const sign = (text) => crypto.pbkdf2Sync(text, settings.salt, 400, 32, 'sha256').toString('hex');

  http.createServer((req, res) => {
    if (req.url === '/healthz') return res.end('ok');
    const token = sign(String(Date.now()));
    recent.push(token);
    if (recent.length > 100) recent.shift();
    setTimeout(() => res.end(JSON.stringify({ token })), 9);
  }).listen(process.env.PORT, '127.0.0.1');
}

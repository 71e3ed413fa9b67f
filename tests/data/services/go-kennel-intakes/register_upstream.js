// The national chip register.
const http = require('node:http');

const names = ['A. Lund', 'B. Moreau', 'C. Okafor', 'D. Weiss', 'E. Tanaka'];

http.createServer((req, res) => {
  const chip = req.url.split('/').pop();
  setTimeout(() => {
    const n = Number(chip.slice(-6)) || 0;
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ name: names[n % names.length], phone: '555-' + (n % 9000), since: 2009 + (n % 14) }));
  }, 38);
}).listen(Number(process.env.PORT), '127.0.0.1');

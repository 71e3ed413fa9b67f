// The gateway to the tills of the branches: answers how many of a product a branch has, each branch over its own line.
const http = require('http');

const lineMs = (branch) => 26 + ((branch * 7) % 14);

const server = http.createServer((req, res) => {
  const found = /^\/branches\/(\d+)\/stock\/([\w-]+)$/.exec(req.url);
  const answer = (status, body) => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(body));
  };
  if (!found) return answer(404, { error: 'unknown' });
  const branch = Number(found[1]);
  const seed = [...found[2]].reduce((sum, c) => sum + c.charCodeAt(0), 0);
  setTimeout(() => answer(200, { branch, onHand: (seed * (branch + 3)) % 23, reserved: (seed + branch) % 3 }), lineMs(branch));
});
server.keepAliveTimeout = 60000;
server.listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');

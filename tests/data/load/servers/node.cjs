// A server of Node: `node node.cjs BEHAVIOUR [name=value ...]`. Tells its port.
const http = require("http");
const options = Object.fromEntries(process.argv.slice(3).map((word) => word.split("=")));
const kind = process.argv[2];
const ms = Number(options.ms ?? 10);
let free = Number(options.slots ?? 1);
let underWay = 0;
const waiting = [];
const kept = [];

function release() {
  const next = waiting.shift();
  if (next) next();
  else free += 1;
}

function pooled(done) {
  const work = () => setTimeout(() => { release(); done(200); }, ms);
  if (free > 0) { free -= 1; work(); } else waiting.push(work);
}

function spin() {
  const begun = process.cpuUsage();
  for (;;) {
    const used = process.cpuUsage(begun);
    if (used.user + used.system >= ms * 1000) return;
  }
}

const behaviours = {
  healthy: (done) => setTimeout(() => done(200), ms),
  pool: pooled,
  cpu: (done) => { spin(); done(200); },
  limit: (done) => {
    if (underWay >= Number(options.most)) return done(Number(options.status ?? 503));
    underWay += 1;
    setTimeout(() => { underWay -= 1; done(200); }, ms);
  },
  growing: (done) => { kept.push(Buffer.alloc(options.kb * 1000, 1)); setTimeout(() => done(200), ms); },
  retrograde: (done) => {
    underWay += 1;
    const work = () => setTimeout(() => { underWay -= 1; release(); done(200); }, ms + Number(options.each) * underWay);
    if (free > 0) { free -= 1; work(); } else waiting.push(work);
  },
};

const server = http.createServer((request, response) =>
  behaviours[kind]((status) => { response.statusCode = status; response.end("ok"); }));
server.listen(0, "127.0.0.1", 512, () => console.log(server.address().port));

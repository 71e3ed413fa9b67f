// The radio gateway: valves hang on a wire, probes answer by radio when they wake.
const http = require('http')

http.createServer((req, res) => {
  const [, kind, id, state] = req.url.split('/')
  const answer = kind === 'valves'
    ? { id: Number(id), state, flow: state === 'open' ? 40 + (Number(id) % 5) * 3 : 0 }
    : { moisture: 0.12 + Math.random() * 0.25, battery: 60 + (Number(id) % 40) }
  setTimeout(() => {
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify(answer))
  }, kind === 'valves' ? 6 : 95 + Math.random() * 30)
}).listen(Number(process.env.PORT), '127.0.0.1')

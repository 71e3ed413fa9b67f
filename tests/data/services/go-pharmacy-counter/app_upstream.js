// The insurer: members at once, schedules of plans out of its old system.
const http = require('http')
const groups = ['A', 'B', 'C', 'D', 'G', 'H', 'J', 'L', 'M', 'N', 'P', 'R']

http.createServer(async (req, res) => {
  const [, kind, name] = req.url.split('/')
  if (kind === 'members') {
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ number: name, exempt: name.endsWith('7') }))
    return
  }
  res.setHeader('content-type', 'text/plain')
  for (const [k, group] of groups.entries()) {
    res.write(`${group};${(0.1 + (k % 4) * 0.05).toFixed(2)}\n`)
    await new Promise((done) => setTimeout(done, 17))
  }
  res.end()
}).listen(Number(process.env.PORT), '127.0.0.1')

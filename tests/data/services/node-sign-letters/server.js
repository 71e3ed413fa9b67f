'use strict';
// Sign workshop: how much vinyl and blade time a job takes.
const { createServer } = require('node:http');
const { Face, outlineOf, UNITS_PER_EM } = require('./letters');

const FACES = {
  grotesk: new Face('grotesk', { weight: 0.8, width: 1, slant: 0, serif: false }),
  antiqua: new Face('antiqua', { weight: 0.6, width: 0.95, slant: 0, serif: true }),
  script: new Face('script', { weight: 0.45, width: 0.8, slant: 0.3, serif: false }),
};
const BLADE_MM_PER_SECOND = 380;
const VINYL_PER_SQUARE_METRE = 14.5;

const HOUSE_RULES = [
  'Please ring the bell & wait at the gate', 'Deliveries: Monday to Friday, 07:30 - 16:45', 'VISITORS REPORT TO THE OFFICE',
  'Zone 3: hard hats, boots, high-vis', 'No smoking within 25 metres (fuel!)', 'Max. height 3.80 m / width 2.60 m',
  'Questions? Jack Quigley, ext. 4912', 'FIRE ASSEMBLY POINT "B"', 'Keep exits clear; fines of 60 apply',
];

const jobs = new Map();
for (let id = 4000; id < 4300; id++) {
  const faces = Object.keys(FACES);
  const lines = HOUSE_RULES.slice(0, 1 + ((id * 7) % HOUSE_RULES.length))
    .map((text, n) => ({ text, face: faces[(id + n) % 3], height: [40, 60, 90][n % 3] }));
  jobs.set(id, { id, customer: `C-${id % 83}`, material: id % 4 ? 'matt' : 'reflective', lines });
}

function layOut({ text, face: name, height }) {
  const face = FACES[name];
  const line = { text, width: 0, blade: 0, points: 0, top: 0, bottom: 0 };
  for (const letter of text) {
    if (letter !== ' ') {
      const outline = outlineOf(face, letter, height);
      line.blade += outline.blade;
      line.points += outline.points;
      line.top = Math.max(line.top, outline.box.top);
      line.bottom = Math.min(line.bottom, outline.box.bottom);
    }
    line.width += (face.advance(letter) / UNITS_PER_EM) * height;
  }
  return line;
}

function vinyl(lines, material) {
  const area = lines.reduce((sum, line) => sum + (line.width + 20) * (line.top - line.bottom + 12), 0) / 1e6;
  return { squareMetres: Number(area.toFixed(3)), price: Number((area * VINYL_PER_SQUARE_METRE * (material === 'matt' ? 1 : 1.8)).toFixed(2)) };
}

function cuttingSheet(job) {
  const lines = job.lines.map(layOut);
  const blade = lines.reduce((sum, line) => sum + line.blade, 0);
  return {
    job: job.id,
    seconds: Math.ceil(blade / BLADE_MM_PER_SECOND),
    vinyl: vinyl(lines, job.material),
    lines: lines.map(({ text, width, blade: length, points }) => ({
      text, width: Math.round(width), blade: Math.round(length), points,
    })),
  };
}

function route(path) {
  if (path === '/up') return { up: true };
  if (path === '/faces') return Object.keys(FACES);
  const [, id, what] = /^\/jobs\/(\d+)(?:\/(cutting))?$/.exec(path) ?? [];
  const job = jobs.get(Number(id));
  if (!job) return null;
  return what ? cuttingSheet(job) : job;
}

createServer((req, res) => {
  const found = req.method === 'GET' ? route(req.url.split('?')[0]) : null;
  const body = JSON.stringify(found ?? { error: 'not found' });
  res.writeHead(found ? 200 : 404, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}).listen(Number(process.env.PORT), '127.0.0.1');

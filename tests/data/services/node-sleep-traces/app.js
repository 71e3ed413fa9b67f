// Sleep laboratory: the night of a patient, from the raw trace of the recorder to the report for the doctor.
const fs = require('node:fs');
const path = require('node:path');
const fastify = require('fastify');

const RATE = 4;
const NIGHT_SECONDS = 3900;
const EPOCH_SECONDS = 30;
const FRAME = 10;
const FOLDER = path.join(process.cwd(), 'nights');

/** One frame each quarter of a second: chest, airflow, oxygen, pulse, posture. */
function recordNight(number) {
  const frames = Buffer.alloc(NIGHT_SECONDS * RATE * FRAME);
  for (let n = 0; n < NIGHT_SECONDS * RATE; n += 1) {
    const at = n * FRAME;
    frames.writeInt16LE(Math.round(Math.sin(n / 9) * 900 + ((n * number) % 60)), at);
    frames.writeInt16LE((n >> 8) % 9 === 0 ? 4 : Math.round(Math.cos(n / 9) * 700), at + 2);
    frames.writeUInt16LE(930 + ((n * 7 + number) % 60), at + 4);
    frames.writeUInt16LE(520 + ((n >> 6) % 90), at + 6);
    frames.writeUInt16LE((n >> 11) % 4, at + 8);
  }
  return frames;
}

const POSTURES = ['back', 'left', 'right', 'front'];

function decode(frames) {
  const samples = [];
  for (let at = 0; at < frames.length; at += FRAME) {
    const second = at / FRAME / RATE;
    samples.push({
      time: { second, clock: new Date(1735768800000 + second * 1000) },
      breath: { chest: { value: frames.readInt16LE(at) / 100, unit: 'mV' }, flow: { value: frames.readInt16LE(at + 2) / 100, unit: 'l/min' } },
      blood: { oxygen: { value: frames.readUInt16LE(at + 4) / 10, unit: '%' }, pulse: { value: frames.readUInt16LE(at + 6) / 10, unit: 'bpm' } },
      posture: { name: POSTURES[frames.readUInt16LE(at + 8)], since: null },
      marks: [],
    });
  }
  return samples;
}

// Each stage hands a trace of its own to the next one, so that no stage sees what another has changed.
const STAGES = [
  function calibrate(s) {
    return { ...s, breath: { chest: { ...s.breath.chest, value: s.breath.chest.value * 1.02 }, flow: { ...s.breath.flow } } };
  },
  function smoothPulse(s, n, all) {
    const before = all[n - 1] ?? s;
    return { ...s, blood: { oxygen: { ...s.blood.oxygen }, pulse: { ...s.blood.pulse, value: (s.blood.pulse.value + before.blood.pulse.value) / 2 } } };
  },
  function markApnoea(s) {
    return { ...s, time: { ...s.time }, marks: Math.abs(s.breath.flow.value) < 0.05 ? [...s.marks, { kind: 'apnoea', at: s.time.second }] : [...s.marks] };
  },
  function markOxygen(s) {
    return { ...s, posture: { ...s.posture }, marks: s.blood.oxygen.value < 93.4 ? [...s.marks, { kind: 'desaturation', at: s.time.second }] : [...s.marks] };
  },
];

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function traces(frames) {
  const kept = { raw: decode(frames) };
  let current = kept.raw;
  for (const stage of STAGES) {
    await turn();
    current = current.map(stage);
    kept[stage.name] = current;
  }
  return kept;
}

function epochs(samples) {
  const size = EPOCH_SECONDS * RATE;
  const list = [];
  for (let from = 0; from < samples.length; from += size) {
    const part = samples.slice(from, from + size);
    const mean = (pick) => Math.round((part.reduce((sum, s) => sum + pick(s), 0) / part.length) * 10) / 10;
    list.push({
      from: part[0].time.clock.toISOString(),
      pulse: mean((s) => s.blood.pulse.value),
      oxygen: mean((s) => s.blood.oxygen.value),
      posture: part[0].posture.name,
      apnoea: part.some((s) => s.marks.some((m) => m.kind === 'apnoea')),
      desaturations: part.filter((s) => s.marks.some((m) => m.kind === 'desaturation')).length,
    });
  }
  return list;
}

function drift(kept) {
  const last = kept.markOxygen;
  return Math.round((last.reduce((sum, s, n) => sum + Math.abs(s.breath.chest.value - kept.raw[n].breath.chest.value), 0) / last.length) * 1000) / 1000;
}

async function report(id) {
  const file = path.join(FOLDER, `${id}.raw`);
  const kept = await traces(await fs.promises.readFile(file));
  const list = epochs(kept.markOxygen);
  return { night: id, hours: list.length / 120, apnoeas: list.filter((e) => e.apnoea).length, calibrationDrift: drift(kept), epochs: list };
}

const app = fastify();

app.get('/healthz', async () => ({ status: 'ok' }));

app.get('/nights', async () => (await fs.promises.readdir(FOLDER)).map((name) => path.basename(name, '.raw')).sort());

app.get('/nights/:id/report', async (request, reply) => {
  if (!/^n-\d+$/.test(request.params.id)) return reply.code(400).send({ error: 'night?' });
  try {
    return await report(request.params.id);
  } catch (error) {
    if (error.code === 'ENOENT') return reply.code(404).send({ error: 'no such night' });
    throw error;
  }
});

app.get('/nights/:id/size', async (request) => {
  const { size } = await fs.promises.stat(path.join(FOLDER, `${path.basename(request.params.id)}.raw`));
  return { frames: size / FRAME, seconds: size / FRAME / RATE };
});

fs.mkdirSync(FOLDER, { recursive: true });
for (let n = 1; n <= 20; n += 1) fs.writeFileSync(path.join(FOLDER, `n-${n}.raw`), recordNight(n));
app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

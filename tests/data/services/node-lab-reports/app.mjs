// Water laboratory: turns a batch of instrument readings into the report that the client receives.
import { setMaxListeners } from 'node:events';
import { setImmediate as breathe } from 'node:timers/promises';
import express from 'express';
import { analytes, calibrationOf, readBatch } from './instrument.mjs';

const stopping = new AbortController();
setMaxListeners(0, stopping.signal);

class Stopped extends Error {
  status = 503;
}

/** Waits for a step unless the service is being stopped meanwhile. */
function orStopped(signal, step) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Stopped('the laboratory is closing'));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop);
    step.then(resolve, reject);
  });
}

class ReportJob {
  constructor(batch, { method, limit }) {
    this.batch = batch;
    this.method = method;
    this.limit = limit;
  }

  /** One analyte over all samples of the batch: drift correction, calibration, flags. */
  async correct(analyte) {
    await breathe();
    const { slope, offset, blank } = calibrationOf(this.method, analyte);
    const readings = this.batch.readings.get(analyte);
    const drift = driftOf(readings);
    return readings.map((reading, at) => {
      const signal = reading.counts / (1 + drift * (at / readings.length)) - blank;
      const concentration = Math.max(0, (signal - offset) / slope);
      return { sample: reading.sample, concentration, flag: flagOf(concentration, this.limit, reading.rsd) };
    });
  }

  async analyse(signal) {
    const results = new Map();
    for (const analyte of analytes) {
      results.set(analyte, await orStopped(signal, this.correct(analyte)));
    }
    return results;
  }
}

function worst(results, count) {
  return [...results]
    .flatMap(([analyte, values]) => values.filter((v) => v.flag === 'over').map((v) => ({ analyte, ...v })))
    .sort((a, b) => b.concentration - a.concentration)
    .slice(0, count)
    .map((v) => ({ ...v, concentration: rounded(v.concentration) }));
}

const rounded = (value) => Number(value.toPrecision(4));

/** Slope of the internal standard over the run, by least squares. */
function driftOf(readings) {
  const n = readings.length;
  let sx = 0, sy = 0, sxx = 0, sxy = 0;
  readings.forEach(({ standard }, x) => {
    sx += x;
    sy += standard;
    sxx += x * x;
    sxy += x * standard;
  });
  return ((n * sxy - sx * sy) / (n * sxx - sx * sx)) * n;
}

function flagOf(concentration, limit, rsd) {
  if (rsd > 0.18) return 'repeat';
  return concentration > limit ? 'over' : 'ok';
}

function summary(analyte, values) {
  const sorted = values.map((v) => v.concentration).sort((a, b) => a - b);
  return {
    analyte,
    median: rounded(sorted[sorted.length >> 1]),
    p95: rounded(sorted[Math.floor(sorted.length * 0.95)]),
    over: values.filter((v) => v.flag === 'over').length,
    repeat: values.filter((v) => v.flag === 'repeat').length,
  };
}

const app = express();
app.use(express.json({ limit: '32kb' }));

app.get('/healthz', (req, res) => {
  res.send('ok');
});

app.get('/analytes', (req, res) => {
  res.json(analytes);
});

app.get('/batches/:id', (req, res) => {
  const { id, site, samples } = readBatch(req.params.id);
  res.json({ id, site, samples });
});

app.post('/batches/:id/report', async (req, res) => {
  const { method = 'icp-oes', limit = 0.5 } = req.body ?? {};
  if (!(limit > 0)) return res.status(422).json({ error: 'limit must be positive' });
  const job = new ReportJob(readBatch(req.params.id), { method, limit });
  const results = await job.analyse(stopping.signal);
  res.status(201).json({
    batch: job.batch.id,
    method,
    analytes: [...results].map(([analyte, values]) => summary(analyte, values)),
    worst: worst(results, 12),
  });
});

app.use((error, req, res, next) => {
  if (res.headersSent) return next(error);
  res.status(error.status ?? 500).json({ error: error.message });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => {
  stopping.abort();
  server.close(() => process.exit(0));
});

// Latencies as counts in logarithmic buckets (each 1 % wider than the last), which several runners'
// results are merged from exactly. k6 keeps the counts: a counter for each forty buckets, and in it
// a sub-metric for each bucket. Rows tell single requests while the test goes on.
import { Counter, Trend } from 'k6/metrics';
import exec from 'k6/execution';

const BUCKETS = { growth: 1.01, least_ms: 0.001, first: 320, side: 40 }; // 0.024 ms to 198 s
const ROW = { requests: 50, age_ms: 2000, rows: __ENV.SLOWCOACH_ROWS !== '0' };
const TIMED_OUT = [1050, 1211]; // k6's codes of a request and of a connection not done in time
const PIECE = 8000; // characters of a line: containers' logs cut lines at 16 KB
const sides = Array.from({ length: BUCKETS.side }, (_, i) => i);
const counters = sides.map((i) => new Counter(`slowcoach_${i}`));
const bucketTags = ['good', 'bad'].map((kind) => sides.map((i) => ({ bucket: `${kind}${i}` })));
const latencies = new Trend('slowcoach_latency', true);
let row = [];
let rowSince = 0;

// What options.thresholds needs, or else k6 does not tell the buckets apart.
function bucketThresholds() {
  if (__VU !== 0) return {};
  const names = sides.flatMap((i) => ['good', 'bad'].flatMap((kind) =>
    sides.map((j) => `slowcoach_${i}{bucket:${kind}${j}}`)));
  return Object.fromEntries(names.map((name) => [name, []]));
}

// Counts a response of the endpoint with this number: how long its user waited, for a connection
// and then for the answer. Rows are held back for two seconds, but not after `hurryMs` (since the
// scenario began), so that none is left when it ends.
function observe(response, endpoint, timeoutMs, hurryMs) {
  const failed = !(response.status > 0 && response.status < 400);
  const timedOut = TIMED_OUT.includes(response.error_code);
  const took = response.timings.blocked + response.timings.duration;
  const ms = timedOut ? Math.max(took, timeoutMs) : took;
  const timed = response.status > 0 || timedOut;
  if (timed) {
    latencies.add(ms);
    const at = Math.floor(Math.log(ms / BUCKETS.least_ms) / Math.log(BUCKETS.growth) + 1e-9);
    const place = Math.min(Math.max(at - BUCKETS.first, 0), BUCKETS.side ** 2 - 1);
    counters[Math.floor(place / BUCKETS.side)].add(1, bucketTags[failed ? 1 : 0][place % BUCKETS.side]);
  }
  if (!ROW.rows) return;
  const now = Date.now();
  const since = now - exec.scenario.startTime;
  if (!row.length) rowSince = now;
  const told = [Math.max(Math.round(since - ms), 0), endpoint, timed ? Math.round(ms * 1e4) : 0];
  row.push(told.map((n) => n.toString(36)).join('.') + (failed ? `.${response.status || `e${response.error_code || 1000}`}` : ''));
  if (row.length < ROW.requests && now - rowSince < ROW.age_ms && since < hurryMs) return;
  console.log(`slowcoach-rows ${Math.round(exec.scenario.startTime)} ${row.join(',')}`);
  row = [];
}

// Whether requests were due at a rate, whatever the target did; undefined where it cannot be told.
function isOpen() {
  try {
    const executors = Object.values(exec.test.options.scenarios).map((each) => each.executor);
    const open = executors.filter((each) => each.includes('arrival-rate')).length;
    return open === 0 ? false : open === executors.length || undefined;
  } catch (error) {
    return undefined;
  }
}

// What this runner measured, in lines short enough for the logs of a container.
function bucketLines(data, endpoints) {
  const counts = { good: [], bad: [] };
  for (const [name, metric] of Object.entries(data.metrics)) {
    const found = /^slowcoach_(\d+)\{bucket:(good|bad)(\d+)\}$/.exec(name);
    if (found && metric.values.count) {
      counts[found[2]].push([BUCKETS.first + found[1] * BUCKETS.side + Number(found[3]), metric.values.count]);
    }
  }
  const value = (metric, key) => (data.metrics[metric] ? data.metrics[metric].values[key] : null);
  const thresholds = Object.entries(data.metrics)
    .filter(([name, metric]) => metric.thresholds && !name.startsWith('slowcoach_'))
    .flatMap(([name, metric]) => Object.entries(metric.thresholds).map(([rule, t]) => [`${name} ${rule}`, t.ok]));
  const result = {
    slowcoach_runner: 1,
    growth: BUCKETS.growth,
    least_ms: BUCKETS.least_ms,
    ...counts,
    requests: value('http_reqs', 'count') || 0,
    iterations: value('iterations', 'count') || 0,
    dropped: value('dropped_iterations', 'count') || 0,
    received_bytes: value('data_received', 'count') || 0,
    min_ms: value('slowcoach_latency', 'min'),
    max_ms: value('slowcoach_latency', 'max'),
    mean_ms: value('slowcoach_latency', 'avg'),
    ended_ms: Date.now(),
    length_ms: data.state.testRunDurationMs,
    endpoints,
    thresholds,
    open: isOpen(),
  };
  const text = JSON.stringify(result);
  const pieces = [];
  for (let at = 0; at < text.length; at += PIECE) pieces.push(text.slice(at, at + PIECE));
  return pieces.map((piece, i) => `slowcoach-result ${i + 1}/${pieces.length} ${piece}\n`).join('');
}

// What runs beside the API: following the masts and computing clearances.
const BASE = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

async function getJson(path) {
  const response = await fetch(BASE + path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** Keeps asking a mast for its next reading and hands each on, smoothed, through the port. */
export async function followMast({ mast, port }) {
  let serial = 0;
  let smoothed = null;
  for (;;) {
    try {
      const reading = await getJson(`/masts/${mast}?since=${serial}`);
      serial = reading.serial;
      smoothed = smoothed
        ? { wind: smoothed.wind * 0.7 + reading.wind * 0.3, level: smoothed.level * 0.7 + reading.level * 0.3 }
        : { wind: reading.wind, level: reading.level };
      port.postMessage({ mast, serial, ...smoothed });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function depthProfile(quay, level) {
  return Array.from({ length: 240 }, (_, n) => quay.depth + level - 0.4 * Math.abs(Math.sin(n / 17)) - 0.1 * Math.cos(n / 5));
}

export async function clearance({ quay, readings, ship, draught }) {
  const model = await getJson(`/squat?ship=${ship}&draught=${draught}`);
  const level = readings.reduce((sum, r) => sum + r.level, 0) / Math.max(1, readings.length);
  const wind = Math.max(0, ...readings.map((r) => r.wind));
  const profile = depthProfile(quay, level);
  const under = profile.map((depth) => depth - draught - model.squat - model.swell);
  const least = Math.min(...under);
  return {
    least: Number(least.toFixed(2)),
    at: under.indexOf(least) * 5,
    wind: Number(wind.toFixed(1)),
    tugs: wind > 11 ? 2 : Number(wind > 7),
    allowed: least > 0.5,
  };
}

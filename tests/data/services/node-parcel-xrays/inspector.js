'use strict';
// Looks at one parcel: takes its picture from the belt's scanner and searches it for dense objects.
const { parentPort, workerData } = require('node:worker_threads');

async function exposure({ belt, parcel }) {
  const response = await fetch(`${workerData.scanners}/belts/${belt}/exposures/${encodeURIComponent(parcel)}`);
  if (!response.ok) throw new Error(`scanner of belt ${belt}: ${response.status}`);
  const picture = await response.json();
  return picture.rows.map((row) => Buffer.from(row, 'base64'));
}

function smooth(rows) {
  return rows.map((row, y) => row.map((value, x) => {
    const above = rows[y - 1]?.[x] ?? value;
    const left = row[x - 1] ?? value;
    return (2 * value + above + left) >> 2;
  }));
}

function denseSpots(rows, threshold) {
  const spots = [];
  rows.forEach((row, y) => row.forEach((value, x) => {
    if (value > threshold && value >= (row[x + 1] ?? 0) && value >= (rows[y + 1]?.[x] ?? 0)) spots.push({ x, y, value });
  }));
  return spots.sort((a, b) => b.value - a.value).slice(0, 12);
}

async function inspect(task) {
  const rows = smooth(await exposure(task));
  const spots = denseSpots(rows, task.grams > 5000 ? 190 : 205);
  const mean = rows.flatMap((row) => [...row]).reduce((a, b) => a + b, 0) / (rows.length * rows[0].length);
  return { spots, mean: Math.round(mean), opaque: mean > 180 };
}

parentPort.on('message', async ({ id, task }) => {
  try {
    parentPort.postMessage({ id, result: await inspect(task) });
  } catch (error) {
    parentPort.postMessage({ id, error: error.message });
  }
});

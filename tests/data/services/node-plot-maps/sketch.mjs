// Draws one sketch; runs beside the server so that large sketches do not hold it up.
const COLOURS = { parcels: '#333', relief: '#a87', water: '#48c', rights: '#c33' };
const registry = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

async function outlines(plot, layer) {
  const answer = await fetch(`${registry}/${plot}/${layer}`, { signal: AbortSignal.timeout(4000) });
  if (!answer.ok) throw new Error(`${layer}: ${answer.status}`);
  return (await answer.json()).shapes;
}

function simplify(shape, tolerance) {
  const kept = [shape[0]];
  for (const point of shape.slice(1)) {
    const [x, y] = kept.at(-1);
    if (Math.hypot(point[0] - x, point[1] - y) > tolerance) kept.push(point);
  }
  return kept;
}

const path = (shape) => `M${shape.map(([x, y]) => `${x} ${y}`).join('L')}Z`;

function extent(all) {
  const points = all.flat(2);
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

export default async function sketch({ plot, layers, tolerance }) {
  const drawn = [];
  const all = [];
  for (const layer of layers) {
    const shapes = await outlines(plot, layer);
    all.push(shapes);
    const paths = shapes.map((shape) => path(simplify(shape, tolerance)));
    drawn.push(`<g id="${layer}" fill="none" stroke="${COLOURS[layer]}"><path d="${paths.join('')}"/></g>`);
  }
  const [x, y, right, bottom] = extent(all);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x} ${y} ${right - x} ${bottom - y}">${drawn.join('')}</svg>`;
}

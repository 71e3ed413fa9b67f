// Rain on a basin, hour by hour. Each state is left as it was, so that the map can be played back and forth.
export const SIZE = 42;

const slopeAt = (basin, x, y) => 40 + 25 * Math.sin((x + basin) / 9) + 18 * Math.cos((y * 2 + basin) / 13) + (x + y) / 4;

export function initialState(basin) {
  const cells = [];
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      cells.push({
        place: { x, y },
        ground: slopeAt(basin, x, y),
        water: { depth: 0, inflow: 0, outflow: 0 },
        soil: { moisture: 0.2 + ((x * y + basin) % 10) / 40, capacity: 30 + ((x + y) % 20) },
      });
    }
  }
  return { hour: 0, cells };
}

function soaked(cell, rain) {
  const room = cell.soil.capacity * (1 - cell.soil.moisture);
  const taken = Math.min(room * 0.25, rain);
  return {
    ...cell,
    soil: { ...cell.soil, moisture: Math.min(1, cell.soil.moisture + taken / cell.soil.capacity) },
    water: { ...cell.water, depth: cell.water.depth + rain - taken },
  };
}

function neighbours(state, { x, y }) {
  const around = [];
  if (x > 0) around.push(state.cells[y * SIZE + x - 1]);
  if (x < SIZE - 1) around.push(state.cells[y * SIZE + x + 1]);
  if (y > 0) around.push(state.cells[(y - 1) * SIZE + x]);
  if (y < SIZE - 1) around.push(state.cells[(y + 1) * SIZE + x]);
  return around;
}

const level = (cell) => cell.ground + cell.water.depth / 100;

function exchanged(state, cell) {
  let inflow = 0;
  let outflow = 0;
  for (const other of neighbours(state, cell.place)) {
    const drop = level(other) - level(cell);
    if (drop > 0) inflow += Math.min(other.water.depth / 5, drop);
    else outflow += Math.min(cell.water.depth / 5, -drop);
  }
  const depth = Math.max(0, cell.water.depth + inflow - outflow);
  return { ...cell, water: { depth, inflow, outflow } };
}

export function advance(state, rain) {
  const wet = { hour: state.hour + 1, cells: state.cells.map((cell) => soaked(cell, rain)) };
  return { ...wet, cells: wet.cells.map((cell) => exchanged(wet, cell)) };
}

export function forecast(basin, rain, hours) {
  const states = [initialState(basin)];
  for (let hour = 1; hour <= hours; hour++) {
    states.push(advance(states.at(-1), hour <= hours / 2 ? rain / (hours / 2) : 0));
  }
  return states;
}

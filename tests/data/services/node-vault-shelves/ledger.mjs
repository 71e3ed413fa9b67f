import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseSync } from 'node:sqlite';

const db = new DatabaseSync(workerData.file);
db.exec(`
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS moves (
    id INTEGER PRIMARY KEY,
    vault TEXT NOT NULL,
    box TEXT NOT NULL,
    shelf TEXT NOT NULL,
    moved_at TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS moves_box ON moves (box);
`);

const insertMove = db.prepare('INSERT INTO moves (vault, box, shelf, moved_at) VALUES (?, ?, ?, ?)');
const lastMoves = db.prepare('SELECT box, shelf, moved_at AS movedAt FROM moves WHERE box = ? ORDER BY id DESC LIMIT 20');

function recordMoves({ vault, boxes }) {
  const ids = [];
  for (const { box, shelf } of boxes) {
    const { lastInsertRowid } = insertMove.run(vault, box, shelf, new Date().toISOString());
    ids.push(Number(lastInsertRowid));
  }
  return { first: ids[0], last: ids.at(-1), count: ids.length };
}

function history({ box }) {
  return lastMoves.all(box);
}

const commands = { recordMoves, history };

parentPort.on('message', ({ id, command, args }) => {
  try {
    parentPort.postMessage({ id, result: commands[command](args) });
  } catch (error) {
    parentPort.postMessage({ id, error: error.message });
  }
});

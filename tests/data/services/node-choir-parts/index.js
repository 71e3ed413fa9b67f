'use strict';
// The library of a choir: which pieces there are, who has which part, and exports for the section leaders.
const polka = require('polka');
const respond = require('./respond');

const VOICES = ['soprano', 'alto', 'tenor', 'bass'];
const COMPOSERS = ['Byrd', 'Schuetz', 'Bruckner', 'Stanford', 'Poulenc', 'Paert', 'Tallis', 'Rheinberger'];
const TITLES = ['Ave verum', 'Locus iste', 'Beati quorum via', 'Psalm 100', 'Exultate', 'Magnificat', 'O sacrum', 'Nunc dimittis'];
const STATES = ['good', 'worn', 'marked', 'repaired'];

const pieces = Array.from({ length: 36 }, (_, n) => ({
  id: n + 1,
  title: `${TITLES[n % TITLES.length]}${n >= TITLES.length ? ` (${romanNumeral(1 + ((n * 13) % 38))})` : ''}`,
  composer: COMPOSERS[(n * 5) % COMPOSERS.length],
  minutes: 2 + ((n * 17) % 90) / 10,
}));

const copies = pieces.flatMap((piece) => Array.from({ length: 24 }, (_, k) => ({
  shelfmark: `${piece.composer.slice(0, 3).toUpperCase()}-${piece.id}-${k + 1}`,
  piece: piece.id,
  voice: VOICES[k % 4],
  state: STATES[(piece.id * 7 + k * 3) % STATES.length],
  singer: (piece.id * 31 + k * 17) % 5 ? null : `singer-${(piece.id * k) % 48}`,
  bought: 1970 + ((piece.id * 11 + k) % 54),
})));

function romanNumeral(n) {
  const steps = [[10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I']];
  let text = '';
  let rest = n;
  for (const [value, sign] of steps) {
    while (rest >= value) {
      text += sign;
      rest -= value;
    }
  }
  return text;
}

const pieceById = new Map(pieces.map((piece) => [piece.id, piece]));

function exportRows(voice) {
  return copies.filter((copy) => copy.voice === voice).map((copy) => {
    const piece = pieceById.get(copy.piece);
    return {
      shelfmark: copy.shelfmark, title: piece.title, composer: piece.composer, minutes: piece.minutes,
      state: copy.state, lent: copy.singer !== null, singer: copy.singer, bought: copy.bought,
    };
  });
}

function toCsv(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const cell = (value) => (/[",\n]/.test(String(value ?? '')) ? `"${String(value).replace(/"/g, '""')}"` : String(value ?? ''));
  return [columns.join(','), ...rows.map((row) => columns.map((name) => cell(row[name])).join(','))].join('\n');
}

function programme(ids) {
  const chosen = ids.map((id) => pieceById.get(id)).filter(Boolean);
  return { pieces: chosen, minutes: Math.round(chosen.reduce((sum, p) => sum + p.minutes + 0.75, 0)) };
}

polka({
  onError: (error, req, res) => {
    console.error(error);
    res.statusCode = 500;
    res.end('internal error');
  },
})
  .use(respond())
  .get('/status', (req, res) => res.end('ok'))
  .get('/pieces/:id', (req, res) => {
    const piece = pieceById.get(Number(req.params.id));
    if (!piece) return res.reply({ error: 'no such piece' }, { status: 404 });
    const own = copies.filter((copy) => copy.piece === piece.id);
    res.reply({ ...piece, copies: own.length, lent: own.filter((copy) => copy.singer).length });
  })
  .get('/programme', (req, res) => {
    res.reply(programme(String(req.query.pieces ?? '').split('-').map(Number)));
  })
  .get('/singers/:singer/parts', (req, res) => {
    const parts = copies.filter((copy) => copy.singer === req.params.singer);
    res.reply(parts.map(({ shelfmark, state }) => ({ shelfmark, state })));
  })
  .get('/library/export', (req, res) => {
    const { voice = 'soprano', format = 'json' } = req.query;
    if (!VOICES.includes(voice)) return res.reply({ error: 'voice' }, { status: 400 });
    const rows = exportRows(voice);
    if (format === 'csv') return res.reply(toCsv(rows), { type: 'text/csv; charset=utf-8' });
    if (format === 'tablet') return res.bundle(`${voice}.json`, { voice, count: rows.length, rows });
    res.reply({ voice, count: rows.length, rows });
  })
  .listen(Number(process.env.PORT), '127.0.0.1');

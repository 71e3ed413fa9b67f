// Photo albums that their owners share with guests by an invitation.
import Fastify from 'fastify';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

const PROVIDER = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/.well-known/jwks.json`;
const ISSUER = 'https://id.albums.example';
const PLACES = ['harbour', 'garden', 'kitchen', 'meadow', 'old bridge', 'station'];
const FORMATS = [[4032, 3024], [3024, 4032], [4000, 2250]];

class Album {
  constructor(number) {
    this.id = `a-${number}`;
    this.title = `Summer ${1990 + (number % 34)}`;
    this.pictures = Array.from({ length: 40 + (number % 90) }, (_, n) => {
      const [width, height] = FORMATS[(n + number) % 3];
      return { id: `${this.id}-${n}`, place: PLACES[(n * 7 + number) % 6], width, height, taken: Date.UTC(2024, 6, 1 + (n % 20), 8 + (n % 11), n % 60), hearts: 0 };
    });
    this.comments = [];
  }

  picture(id) {
    return this.pictures.find((picture) => picture.id === id);
  }

  byDay() {
    const days = new Map();
    for (const picture of this.pictures) {
      const day = new Date(picture.taken).toISOString().slice(0, 10);
      if (!days.has(day)) days.set(day, []);
      days.get(day).push(picture);
    }
    return [...days].sort(([a], [b]) => a.localeCompare(b));
  }
}

const albums = new Map(Array.from({ length: 120 }, (_, n) => [`a-${n}`, new Album(n)]));

class NotAllowed extends Error {
  constructor(message) {
    super(message);
    this.statusCode = 403;
  }
}

async function invitationOf(token) {
  const keys = createRemoteJWKSet(new URL(PROVIDER), { timeoutDuration: 4000 });
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: 'albums' });
  return { guest: payload.sub, album: payload.album, rights: new Set(payload.rights ?? []) };
}

function layout(pictures, width, rowHeight) {
  const rows = [];
  let row = [];
  let used = 0;
  for (const picture of pictures) {
    const w = Math.round((picture.width / picture.height) * rowHeight);
    if (used + w > width && row.length) {
      rows.push(row);
      row = [];
      used = 0;
    }
    row.push({ id: picture.id, w, h: rowHeight, src: `/thumbs/${picture.id}-${rowHeight}.webp` });
    used += w + 6;
  }
  if (row.length) rows.push(row);
  return rows;
}

function title(day, pictures) {
  const places = [...new Set(pictures.map((picture) => picture.place))].slice(0, 2);
  return `${day}: ${places.join(' and ')}`;
}

const app = Fastify();

app.decorateRequest('guest', null);
app.decorateRequest('album', null);

async function guest(request) {
  const token = request.query.invitation;
  if (!token) throw new NotAllowed('an invitation is needed');
  try {
    request.guest = await invitationOf(token);
  } catch (error) {
    if (error instanceof errors.JOSEError && error.code !== 'ERR_JWKS_TIMEOUT') throw new NotAllowed('the invitation is not valid');
    throw error;
  }
  if (request.guest.album !== request.params.album) throw new NotAllowed('invited to another album');
  request.album = albums.get(request.params.album);
  if (!request.album) throw Object.assign(new Error('no such album'), { statusCode: 404 });
}

app.get('/healthz', async () => ({ status: 'ok' }));

app.register(async (shared) => {
  shared.addHook('preHandler', guest);

  shared.get('/:album/pictures', async ({ album, query }) => {
    const width = Math.min(2400, Math.max(320, Number(query.width) || 1200));
    return {
      album: album.title,
      days: album.byDay().map(([day, pictures]) => ({ title: title(day, pictures), rows: layout(pictures, width, 180) })),
      comments: album.comments.length,
    };
  });

  shared.post('/:album/pictures/:picture/hearts', async (request, reply) => {
    const picture = request.album.picture(request.params.picture);
    if (!picture) return reply.code(404).send({ error: 'no such picture' });
    picture.hearts += 1;
    return { hearts: picture.hearts };
  });

  shared.post('/:album/comments', async (request, reply) => {
    if (!request.guest.rights.has('comment')) throw new NotAllowed('may not comment');
    request.album.comments.push({ by: request.guest.guest, text: String(request.body?.text ?? '').slice(0, 400) });
    request.album.comments.splice(0, request.album.comments.length - 200);
    return reply.code(201).send({ comments: request.album.comments.length });
  });
}, { prefix: '/shared' });

app.get('/albums/count', async () => ({ albums: albums.size }));

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

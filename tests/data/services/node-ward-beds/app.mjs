import Fastify from 'fastify';
import postgres from 'postgres';

const sql = postgres(process.env.DATABASE_URL, { max: 10 });
const app = Fastify();

const recentStays = (ward) => sql`
  select s.id, s.bed, s.started, s.ended
  from stays s
  where s.ward = ${ward}
  order by s.started desc
  limit 25`;

app.get('/healthz', async () => ({ ok: true }));

app.get('/wards/:ward/stays', async (request) => {
  const stays = await recentStays(request.params.ward);
  return { ward: request.params.ward, stays };
});

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

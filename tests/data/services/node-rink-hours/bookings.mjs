// Booking of ice time: a club gets the first gap that is long enough.
import postgres from 'postgres';
import { authorise } from './payments.mjs';

export const sql = postgres(process.env.DATABASE_URL, { max: 20, onnotice: () => {} });
const RINK_SPACE = 4201;

export class Refused extends Error {
  constructor(statusCode, message) {
    super(message);
    this.statusCode = statusCode;
  }
}

async function firstGap(tx, rink, after, minutes) {
  const [gap] = await tx`
    WITH taken AS (
      SELECT starts_at, ends_at FROM bookings WHERE rink_id = ${rink} AND starts_at >= ${after} ORDER BY starts_at LIMIT 5000
    ), edges AS (
      SELECT ${after}::timestamptz AS free_from, (SELECT min(starts_at) FROM taken) AS free_to
      UNION ALL
      SELECT ends_at, lead(starts_at) OVER (ORDER BY starts_at) FROM taken
    )
    SELECT free_from FROM edges
     WHERE free_to IS NULL OR free_to >= free_from + ${minutes}::int * interval '1 minute'
     ORDER BY free_from LIMIT 1`;
  return gap.free_from;
}

function priceOf(rink, club, startsAt, minutes) {
  const hour = startsAt.getUTCHours();
  const peak = hour >= 16 && hour < 21 ? 1.35 : 1;
  return Math.round(Number(rink.hourly) * (minutes / 60) * peak * (club.youth ? 0.5 : 1) * 100) / 100;
}

async function partiesOf(db, rinkId, clubId) {
  const [[rink], [club]] = await Promise.all([
    db`SELECT id, name, hourly FROM rinks WHERE id = ${rinkId}`,
    db`SELECT id, name, mandate, youth FROM clubs WHERE id = ${clubId}`,
  ]);
  if (!rink || !club) throw new Refused(404, 'rink or club');
  return { rink, club };
}

export async function reserve(rinkId, { club: clubId, after, minutes }) {
  const { rink, club } = await partiesOf(sql, rinkId, clubId);
  return sql.begin(async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(${RINK_SPACE}, ${rink.id})`;
    const startsAt = await firstGap(tx, rink.id, after, minutes);
    const price = priceOf(rink, club, startsAt, minutes);
    const approval = await authorise(club.mandate, price);
    if (!approval.granted) throw new Refused(402, approval.reason);
    const [booking] = await tx`
      INSERT INTO bookings (rink_id, club_id, starts_at, ends_at, price, authorisation)
      VALUES (${rink.id}, ${club.id}, ${startsAt}, ${startsAt}::timestamptz + ${minutes}::int * interval '1 minute', ${price}, ${approval.code})
      RETURNING id, starts_at, ends_at, price`;
    return { ...booking, rink: rink.name, club: club.name };
  });
}

export const dayOf = (rinkId, day) => sql`
  SELECT b.id, b.starts_at, b.ends_at, c.name AS club FROM bookings b JOIN clubs c ON c.id = b.club_id
   WHERE b.rink_id = ${rinkId} AND b.starts_at >= ${day}::date AND b.starts_at < ${day}::date + 1 ORDER BY b.starts_at`;

export const clubHours = (clubId) => sql`
  SELECT r.name AS rink, count(*)::int AS bookings, sum(extract(epoch FROM b.ends_at - b.starts_at) / 3600)::float AS hours
    FROM bookings b JOIN rinks r ON r.id = b.rink_id WHERE b.club_id = ${clubId} GROUP BY r.name ORDER BY hours DESC`;

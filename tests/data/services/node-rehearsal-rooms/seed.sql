CREATE TABLE rooms (id int PRIMARY KEY, name text NOT NULL, rate_cents int NOT NULL, opens int NOT NULL, closes int NOT NULL);
CREATE TABLE bands (id int PRIMARY KEY, name text NOT NULL, card_token text NOT NULL);
CREATE TABLE bookings (id bigserial PRIMARY KEY, room_id int NOT NULL REFERENCES rooms, band_id int NOT NULL REFERENCES bands,
                       starts timestamptz NOT NULL, ends timestamptz NOT NULL, deposit_ref text, cents int NOT NULL);
INSERT INTO rooms SELECT i, 'Room ' || i, 1200 + i * 150, 8, 23 FROM generate_series(1, 12) i;
INSERT INTO bands SELECT i, 'Band ' || i, 'tok_' || md5(i::text) FROM generate_series(1, 800) i;
INSERT INTO bookings (room_id, band_id, starts, ends, deposit_ref, cents)
  SELECT 1 + i % 12, 1 + (i * 7919) % 800, timestamptz '2023-01-01 08:00Z' + (i / 12) * interval '3 hours',
         timestamptz '2023-01-01 10:00Z' + (i / 12) * interval '3 hours', 'd' || i, 2400 FROM generate_series(0, 23999) i;
CREATE INDEX ON bookings (room_id, starts);
CREATE INDEX ON bookings (band_id);
ALTER TABLE rooms OWNER TO app; ALTER TABLE bands OWNER TO app; ALTER TABLE bookings OWNER TO app;

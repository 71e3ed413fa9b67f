CREATE TABLE courts (id int PRIMARY KEY, club_id int NOT NULL, kind text NOT NULL);
CREATE TABLE opening (club_id int NOT NULL, hour int NOT NULL, PRIMARY KEY (club_id, hour));
CREATE TABLE calendar (day date PRIMARY KEY, closed boolean NOT NULL);
CREATE TABLE members (id int PRIMARY KEY, name text NOT NULL, level int NOT NULL, blocked boolean NOT NULL DEFAULT false);
CREATE TABLE tariffs (kind text NOT NULL, level int NOT NULL, cents int NOT NULL, PRIMARY KEY (kind, level));
CREATE TABLE bookings (id bigserial PRIMARY KEY, court_id int NOT NULL REFERENCES courts, member_id int NOT NULL REFERENCES members,
                       day date NOT NULL, hour int NOT NULL);
CREATE TABLE charges (id bigserial PRIMARY KEY, booking_id bigint NOT NULL REFERENCES bookings, member_id int NOT NULL, cents int NOT NULL);
INSERT INTO courts SELECT i, 1 + (i - 1) / 24, (ARRAY['tennis','padel','squash'])[1 + i % 3] FROM generate_series(1, 192) i;
INSERT INTO opening SELECT c, h FROM generate_series(1, 8) c, generate_series(8, 21) h;
INSERT INTO calendar SELECT current_date + d, d % 45 = 0 FROM generate_series(-30, 500) d;
INSERT INTO members SELECT i, 'Member ' || i, 1 + i % 4, i % 97 = 0 FROM generate_series(1, 5000) i;
INSERT INTO tariffs SELECT k, l, 1800 - l * 200 FROM unnest(ARRAY['tennis','padel','squash']) k, generate_series(1, 4) l;
INSERT INTO bookings (court_id, member_id, day, hour)
  SELECT c, 1 + (c * 131 + (d + 30) * 17 + h) % 5000, current_date + d, h
  FROM generate_series(1, 192) c, generate_series(-20, 12) d, generate_series(9, 20, 2) h;
CREATE INDEX ON bookings (court_id, day, hour);
CREATE INDEX ON bookings (member_id, day);
CREATE INDEX ON charges (booking_id);
ANALYZE;

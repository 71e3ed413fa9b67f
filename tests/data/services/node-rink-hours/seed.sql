CREATE TABLE rinks (id int PRIMARY KEY, name text NOT NULL, hourly numeric(7,2) NOT NULL);
CREATE TABLE clubs (id int PRIMARY KEY, name text NOT NULL, mandate text NOT NULL, youth boolean NOT NULL);
CREATE TABLE bookings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, rink_id int NOT NULL REFERENCES rinks,
                       club_id int NOT NULL REFERENCES clubs, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
                       price numeric(8,2) NOT NULL, authorisation text NOT NULL);
INSERT INTO rinks SELECT i, 'Rink ' || i, 70 + 5 * (i % 6) FROM generate_series(1, 24) i;
INSERT INTO clubs SELECT i, 'Club ' || i, 'M' || (i * 7919), i % 3 = 0 FROM generate_series(1, 300) i;
INSERT INTO bookings (rink_id, club_id, starts_at, ends_at, price, authorisation)
  SELECT 1 + i % 24, 1 + i % 300, timestamptz '2024-08-01 06:00Z' + (i / 24) * interval '90 minutes',
         timestamptz '2024-08-01 06:00Z' + (i / 24) * interval '90 minutes' + interval '1 hour', 80, 'A' || i
    FROM generate_series(1, 48000) i;
CREATE INDEX bookings_rink_time ON bookings (rink_id, starts_at);
CREATE INDEX bookings_club ON bookings (club_id, starts_at);

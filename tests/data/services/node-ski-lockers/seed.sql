CREATE TABLE stations (id int PRIMARY KEY, name text NOT NULL, altitude int NOT NULL);
CREATE TABLE lockers (id int PRIMARY KEY, station_id int NOT NULL REFERENCES stations, size text NOT NULL, heated boolean NOT NULL);
CREATE TABLE rentals (id bigserial PRIMARY KEY, locker_id int NOT NULL REFERENCES lockers, guest text NOT NULL,
                      from_day date NOT NULL, to_day date NOT NULL, returned boolean NOT NULL DEFAULT false);
INSERT INTO stations SELECT i, 'Station ' || i, 1100 + i * 170 FROM generate_series(1, 8) i;
INSERT INTO lockers SELECT i, 1 + i % 8, (ARRAY['single','pair','family'])[1 + i % 3], i % 4 = 0 FROM generate_series(1, 1600) i;
INSERT INTO rentals (locker_id, guest, from_day, to_day, returned)
  SELECT 1 + (i * 7919) % 1600, 'pass-' || (i * 31) % 9000, date '2024-01-01' + i % 100, date '2024-01-03' + i % 100, i % 7 > 0
  FROM generate_series(1, 40000) i;
CREATE INDEX ON lockers (station_id);
CREATE INDEX ON rentals (locker_id, from_day);
CREATE INDEX ON rentals (guest);
ALTER TABLE stations OWNER TO app; ALTER TABLE lockers OWNER TO app; ALTER TABLE rentals OWNER TO app;

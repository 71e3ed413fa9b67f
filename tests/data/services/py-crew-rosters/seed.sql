CREATE TABLE depots (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE lines (id int PRIMARY KEY, code text NOT NULL, vehicle text NOT NULL);
CREATE TABLE drivers (id int PRIMARY KEY, depot_id int NOT NULL REFERENCES depots, name text NOT NULL, hired date NOT NULL);
CREATE TABLE licences (id int PRIMARY KEY, driver_id int NOT NULL REFERENCES drivers, vehicle text NOT NULL, valid_until date NOT NULL);
CREATE TABLE duties (id int PRIMARY KEY, depot_id int NOT NULL REFERENCES depots, driver_id int REFERENCES drivers,
                     line_id int NOT NULL REFERENCES lines, on_day date NOT NULL, starts smallint NOT NULL, minutes smallint NOT NULL);
INSERT INTO depots SELECT i, 'Depot ' || i FROM generate_series(1, 6) i;
INSERT INTO lines SELECT i, 'L' || i, (ARRAY['bus','tram','articulated'])[1 + i % 3] FROM generate_series(1, 48) i;
INSERT INTO drivers SELECT i, 1 + i % 6, 'Driver ' || i, date '2001-01-01' + (i * 37) % 8000 FROM generate_series(1, 900) i;
INSERT INTO licences SELECT i, 1 + i % 900, (ARRAY['bus','tram','articulated'])[1 + i / 900 % 3], date '2026-01-01' + (i * 13) % 1500
  FROM generate_series(1, 2400) i;
INSERT INTO duties SELECT i, 1 + i % 6, CASE WHEN i % 23 > 0 THEN 1 + (i * 7 + i / 900) % 900 END, 1 + i % 48,
       date '2026-05-01' + i / 540, 240 + (i * 11) % 900, 240 + (i * 17) % 280
  FROM generate_series(1, 36000) i;
CREATE INDEX ON duties (depot_id, on_day);
CREATE INDEX ON licences (driver_id);
CREATE INDEX ON drivers (depot_id);

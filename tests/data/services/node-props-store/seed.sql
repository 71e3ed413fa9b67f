CREATE TABLE places (
  id integer PRIMARY KEY,
  parent_id integer REFERENCES places,
  kind text NOT NULL,
  label text NOT NULL,
  max_kg numeric(7,1)
);
CREATE TABLE productions (id integer PRIMARY KEY, title text NOT NULL, opens_on date NOT NULL);
CREATE TABLE props (
  id integer PRIMARY KEY,
  place_id integer NOT NULL REFERENCES places,
  name text NOT NULL,
  weight_kg numeric(6,2) NOT NULL,
  fragile boolean NOT NULL,
  retired boolean NOT NULL DEFAULT false
);
CREATE TABLE reservations (prop_id integer NOT NULL REFERENCES props, production_id integer NOT NULL REFERENCES productions, PRIMARY KEY (prop_id, production_id));

INSERT INTO places SELECT n, NULL, 'building', 'Building ' || chr(64 + n), NULL FROM generate_series(1, 4) n;
INSERT INTO places SELECT n, 1 + n % 4, 'room', 'Room ' || n, 4000 FROM generate_series(5, 24) n;
INSERT INTO places SELECT n, 5 + n % 20, 'rack', 'Rack ' || n, 600 FROM generate_series(25, 144) n;
INSERT INTO places SELECT n, 25 + n % 120, 'box', 'Box ' || n, 40 FROM generate_series(145, 744) n;
INSERT INTO productions SELECT n, (ARRAY['The Seagull','Tosca','Woyzeck','Cabaret','Nora'])[1 + n % 5] || ' ' || n, date '2025-01-10' + n * 9 FROM generate_series(1, 30) n;
INSERT INTO props SELECT n, CASE WHEN n % 11 = 0 THEN 25 + n % 120 ELSE 145 + (n * 7) % 600 END,
  (ARRAY['candlestick','rapier','telephone','teacup','suitcase','crown','lantern','typewriter'])[1 + n % 8] || ' ' || n,
  0.2 + (n % 57) / 8.0, n % 5 = 0, n % 40 = 0 FROM generate_series(1, 2600) n;
INSERT INTO reservations SELECT n, 1 + n % 30 FROM generate_series(1, 2600, 3) n;
CREATE INDEX ON places (parent_id);
CREATE INDEX ON props (place_id);
CREATE INDEX ON reservations (production_id);

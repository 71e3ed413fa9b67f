CREATE TABLE boats (id serial PRIMARY KEY, name text NOT NULL, length_cm integer NOT NULL);
INSERT INTO boats (name, length_cm) SELECT 'Boat ' || n, 600 + n % 1500 FROM generate_series(1, 4000) n;
CREATE TABLE passages (id serial PRIMARY KEY, boat_id integer NOT NULL, pence integer NOT NULL, at timestamptz NOT NULL DEFAULT now());
ANALYZE;

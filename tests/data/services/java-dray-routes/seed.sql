CREATE TABLE routes (id integer PRIMARY KEY, name text NOT NULL, stops integer NOT NULL);
INSERT INTO routes SELECT n, 'Route ' || n, 3 + n % 20 FROM generate_series(1, 3000) n;
ANALYZE;

CREATE TABLE boats (id integer PRIMARY KEY, name text NOT NULL, passes integer NOT NULL DEFAULT 0, dues numeric(10, 2) NOT NULL DEFAULT 0);
INSERT INTO boats (id, name) SELECT n, 'Boat ' || n FROM generate_series(1, 400) n;
ANALYZE;

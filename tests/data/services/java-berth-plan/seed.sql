CREATE TABLE berths (id serial PRIMARY KEY, harbour integer NOT NULL, taken_by text, since timestamptz);
INSERT INTO berths (harbour) SELECT n % 10 FROM generate_series(1, 2000) n;
CREATE INDEX ON berths (harbour);
CREATE TABLE tides (at timestamptz PRIMARY KEY, cm integer NOT NULL);
INSERT INTO tides SELECT timestamptz '2025-01-01' + n * interval '1 minute', n % 600 FROM generate_series(1, 200000) n;
ANALYZE;

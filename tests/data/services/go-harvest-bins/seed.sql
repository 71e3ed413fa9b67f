CREATE TABLE bins (id serial PRIMARY KEY, farm_id integer NOT NULL, fruit text NOT NULL);
CREATE TABLE weighings (id serial PRIMARY KEY, bin_id integer NOT NULL, kilos integer NOT NULL, at timestamptz NOT NULL);
INSERT INTO bins (farm_id, fruit) SELECT n % 25, 'fruit ' || n % 6 FROM generate_series(1, 10000) n;
INSERT INTO weighings (bin_id, kilos, at) SELECT 1 + n % 10000, n % 400, now() - n * interval '1 minute' FROM generate_series(1, 60000) n;
CREATE INDEX ON bins (farm_id);
CREATE INDEX ON weighings (bin_id, at);
ANALYZE;

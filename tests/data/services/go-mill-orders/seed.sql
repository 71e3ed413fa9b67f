CREATE TABLE grains (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO grains SELECT n, 'grain ' || n FROM generate_series(1, 40) n;
CREATE TABLE orders (id bigserial PRIMARY KEY, grain_id integer NOT NULL, kilos integer NOT NULL, pence bigint NOT NULL);
ANALYZE;

CREATE TABLE purses (id integer PRIMARY KEY, pence bigint NOT NULL, closed_on date);
INSERT INTO purses SELECT n, 1000000000, NULL FROM generate_series(1, 500) n;
CREATE TABLE entries (id bigserial PRIMARY KEY, purse_id integer NOT NULL, pence bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON entries (purse_id);
ANALYZE;

CREATE TABLE loads (id serial PRIMARY KEY, stone text NOT NULL, buyer integer NOT NULL, kilos integer NOT NULL, at timestamptz NOT NULL);
INSERT INTO loads (stone, buyer, kilos, at)
SELECT 'stone ' || n % 60, n % 7000, 500 + n % 4000, timestamptz '2025-01-01' + n * interval '1 minute' FROM generate_series(1, 220000) n;
CREATE INDEX ON loads (stone);
CREATE INDEX ON loads (buyer);
ANALYZE;

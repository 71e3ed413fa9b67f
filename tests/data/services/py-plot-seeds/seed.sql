CREATE TABLE growers (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO growers SELECT n, 'Grower ' || n FROM generate_series(1, 20000) n;
CREATE TABLE sowings (
    id serial PRIMARY KEY,
    grower_id integer NOT NULL REFERENCES growers (id),
    plant text NOT NULL,
    bed integer NOT NULL,
    sown_on date NOT NULL
);
INSERT INTO sowings (grower_id, plant, bed, sown_on)
SELECT 1 + (n::bigint * 7919) % 20000, (ARRAY['kale','leek','pea','beet','chard'])[1 + n % 5], n % 40, date '2024-01-01' + n % 700
FROM generate_series(1, 900000) n;
ANALYZE;

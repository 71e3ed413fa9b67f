CREATE TABLE readings (
    id serial PRIMARY KEY,
    meter integer NOT NULL,
    district integer NOT NULL,
    litres integer NOT NULL,
    note text NOT NULL DEFAULT '',
    taken_on date NOT NULL
);
INSERT INTO readings (meter, district, litres, note, taken_on)
SELECT n % 5000, n % 12, 100 + n % 900, 'read by hand, route ' || n % 31, date '2025-01-01' + n % 365 FROM generate_series(1, 240000) n;
CREATE INDEX ON readings (district);
ANALYZE;

CREATE TABLE stamps (
    id serial PRIMARY KEY,
    country text NOT NULL,
    year integer NOT NULL,
    title text NOT NULL,
    remarks text NOT NULL
);
INSERT INTO stamps (country, year, title, remarks)
SELECT 'Country ' || n % 180, 1850 + n % 170, 'Stamp ' || n, repeat('perforated ', 6) FROM generate_series(1, 450000) n;
CREATE INDEX stamps_year ON stamps (year, id);
ANALYZE;

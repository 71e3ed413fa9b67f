CREATE TABLE sheets (id serial PRIMARY KEY, surveyor text NOT NULL, grid text NOT NULL, drawn date NOT NULL);
INSERT INTO sheets (surveyor, grid, drawn)
SELECT 'S-' || n % 3000, 'G' || n % 800, date '1990-01-01' + n % 9000 FROM generate_series(1, 400000) n;
CREATE INDEX ON sheets (grid);
ANALYZE;

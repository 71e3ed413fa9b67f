CREATE TABLE slots (id serial PRIMARY KEY, dock integer NOT NULL, opens time NOT NULL, carrier text NOT NULL);
INSERT INTO slots (dock, opens, carrier) SELECT n % 30, time '06:00' + (n % 48) * interval '15 min', 'carrier ' || n % 90 FROM generate_series(1, 5000) n;
ANALYZE;

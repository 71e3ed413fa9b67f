CREATE TABLE beds (id int PRIMARY KEY, name text NOT NULL, house text NOT NULL);
CREATE TABLE plants (id int PRIMARY KEY, bed_id int NOT NULL REFERENCES beds, species text NOT NULL, pot_cm int NOT NULL, count int NOT NULL);
CREATE TABLE prices (species text NOT NULL, pot_cm int NOT NULL, price numeric(8,2) NOT NULL);
INSERT INTO beds SELECT g, 'Bed ' || g, 'House ' || (g % 4 + 1) FROM generate_series(1, 24) g;
INSERT INTO plants SELECT g, g % 24 + 1, 'species-' || (g % 37), (ARRAY[9,12,20,40])[g % 4 + 1], (g * 7) % 90 FROM generate_series(1, 900) g;
INSERT INTO prices SELECT 'species-' || s, p, 1.9 + s * 0.35 + p * 0.2 FROM generate_series(0, 36) s, unnest(ARRAY[9,12,20,40]) p;
ANALYZE;

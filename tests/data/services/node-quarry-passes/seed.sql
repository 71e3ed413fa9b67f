CREATE TABLE lorries (id int PRIMARY KEY, plate text UNIQUE, axles int NOT NULL);
CREATE TABLE passes (id bigserial PRIMARY KEY, lorry_id int NOT NULL, tonnes numeric, cents int);
INSERT INTO lorries SELECT i, 'QU-' || i, 2 + i % 4 FROM generate_series(1, 500) i;

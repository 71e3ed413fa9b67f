CREATE TABLE readings (id int PRIMARY KEY, weir_id int NOT NULL, level_cm int NOT NULL);
INSERT INTO readings SELECT i, i % 40, 80 + (i * 7) % 140 FROM generate_series(1, 8000) i;
CREATE INDEX ON readings (weir_id, id);

CREATE TABLE photographers (id int PRIMARY KEY, name text NOT NULL, studio text NOT NULL);
CREATE TABLE glass_plates (id int PRIMARY KEY, signature text NOT NULL, title text NOT NULL, taken_on date NOT NULL,
                           photographer_id int NOT NULL REFERENCES photographers, width_mm int NOT NULL, height_mm int NOT NULL,
                           remarks text NOT NULL);
INSERT INTO photographers SELECT i, 'Photographer ' || i, 'Studio ' || i % 30 FROM generate_series(1, 220) i;
INSERT INTO glass_plates SELECT i, 'GP-' || lpad(i::text, 7, '0'), 'View no. ' || (i::bigint * 7919) % 100000,
       date '1870-01-01' + ((i::bigint * 104729) % 21000)::int, 1 + i % 220, 90 + i % 4 * 40, 120 + i % 4 * 60,
       repeat('edge chipped; ', i % 6) FROM generate_series(1, 150000) i;
CREATE INDEX glass_plates_taken_on ON glass_plates (taken_on, id);
CREATE INDEX ON glass_plates (photographer_id, taken_on);

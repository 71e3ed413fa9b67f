CREATE TABLE drives (id int PRIMARY KEY, place text NOT NULL, registered int NOT NULL DEFAULT 0);
CREATE TABLE donors (id bigserial PRIMARY KEY, drive_id int NOT NULL REFERENCES drives, slot int NOT NULL, name text NOT NULL, blood text NOT NULL, letter text);
INSERT INTO drives (id, place) SELECT i, 'Place ' || i FROM generate_series(1, 60) i;
CREATE INDEX ON donors (drive_id);

CREATE TABLE stops (id int PRIMARY KEY, round_id int NOT NULL, address text NOT NULL, bottles int NOT NULL);
INSERT INTO stops SELECT i, 1 + i % 90, 'Lane ' || i, 1 + i % 4 FROM generate_series(1, 3000) i;
CREATE INDEX ON stops (round_id);

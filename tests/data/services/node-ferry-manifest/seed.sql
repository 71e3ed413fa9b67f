CREATE TABLE passengers (id int PRIMARY KEY, crossing int NOT NULL, name text NOT NULL, deck int NOT NULL);
INSERT INTO passengers SELECT i, i % 50, 'Passenger ' || i, 1 + (i / 50) % 2 FROM generate_series(1, 4000) i;
CREATE INDEX ON passengers (crossing, deck, id);

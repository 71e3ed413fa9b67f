CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, year int NOT NULL, about text NOT NULL);
CREATE TABLE meeting (id int PRIMARY KEY, person_id int NOT NULL REFERENCES person, city text NOT NULL, day date NOT NULL);
INSERT INTO person SELECT i, 'Person ' || i, 'person' || i || '@example.org', 1970 + i % 54, repeat('studied ', 8) FROM generate_series(1, 170000) i;
INSERT INTO meeting SELECT i, 1 + i * 13 % 170000, 'City ' || i % 40, date '2015-01-01' + i % 3000 FROM generate_series(1, 60000) i;
CREATE INDEX meeting_person ON meeting (person_id);
CREATE INDEX person_year ON person (year);

CREATE TABLE profiles (id int PRIMARY KEY, bell int NOT NULL, note text NOT NULL, cut int NOT NULL);
INSERT INTO profiles SELECT i, i % 30, 'hum prime tierce ' || i, (i * 31) % 900 FROM generate_series(1, 9000) i;
CREATE INDEX ON profiles (bell);

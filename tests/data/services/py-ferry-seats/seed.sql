CREATE TABLE crossings (id int PRIMARY KEY, route text NOT NULL, leaves timestamptz NOT NULL, seats int NOT NULL);
CREATE TABLE bookings (id int PRIMARY KEY, crossing_id int NOT NULL REFERENCES crossings, people int NOT NULL);
INSERT INTO crossings SELECT i, 'Route ' || i % 5, timestamptz '2024-06-01' + i * interval '2 hours', 300 FROM generate_series(1, 400) i;
INSERT INTO bookings SELECT i, 1 + i % 400, 1 + i % 5 FROM generate_series(1, 20000) i;
CREATE INDEX ON bookings (crossing_id);

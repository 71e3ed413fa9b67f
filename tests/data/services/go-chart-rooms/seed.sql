CREATE TABLE rooms (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO rooms SELECT n, 'Room ' || n FROM generate_series(1, 200) n;
CREATE TABLE bookings (id serial PRIMARY KEY, room_id integer NOT NULL, day integer NOT NULL, who text NOT NULL);
INSERT INTO bookings (room_id, day, who) SELECT n % 200, n % 365, 'guest ' || n FROM generate_series(1, 150000) n;
CREATE INDEX ON bookings (room_id, day);
ANALYZE;

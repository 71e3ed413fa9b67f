CREATE TABLE rooms (id int PRIMARY KEY, name text NOT NULL, price int NOT NULL);
INSERT INTO rooms SELECT g, 'Room ' || g, 1800 + g * 50 FROM generate_series(1, 40) g;
CREATE TABLE bookings (id bigserial PRIMARY KEY, room_id int NOT NULL REFERENCES rooms, band text NOT NULL, day date NOT NULL,
    hour int NOT NULL, price int NOT NULL, deposit text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
INSERT INTO bookings (room_id, band, day, hour, price, deposit)
    SELECT 1 + g % 40, 'band ' || g % 300, date '2024-01-01' + g / 60, 10 + g % 12, 2000, 'tok-' || g FROM generate_series(1, 20000) g;
CREATE INDEX ON bookings (room_id, day);
ANALYZE;

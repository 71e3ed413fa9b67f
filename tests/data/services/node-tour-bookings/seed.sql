CREATE TABLE departures (id int PRIMARY KEY, tour text NOT NULL, leaves_at timestamptz NOT NULL, price numeric(8,2) NOT NULL);
CREATE TABLE bookings (id bigserial PRIMARY KEY, departure_id int NOT NULL REFERENCES departures(id), guest text NOT NULL,
  seats int NOT NULL, payment_ref text, state text NOT NULL DEFAULT 'open', created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX bookings_departure ON bookings (departure_id);
INSERT INTO departures SELECT n, 'Tour ' || (n % 12), now() + n * interval '7 hours', 35 + n % 40 FROM generate_series(1, 300) n;
INSERT INTO bookings (departure_id, guest, seats, payment_ref, state)
  SELECT 1 + n % 300, 'Guest ' || n, 1 + n % 4, 'P' || n, 'paid' FROM generate_series(1, 6000) n;

CREATE TABLE landings (id int PRIMARY KEY, name text NOT NULL, shore text NOT NULL, piers int NOT NULL);
CREATE TABLE legs (id int PRIMARY KEY, from_landing int NOT NULL REFERENCES landings, to_landing int NOT NULL REFERENCES landings,
                   minutes int NOT NULL);
CREATE TABLE sailings (id int PRIMARY KEY, from_landing int NOT NULL REFERENCES landings, to_landing int NOT NULL REFERENCES landings,
                       day date NOT NULL, departs_at text NOT NULL, seats int NOT NULL, boat text NOT NULL);
CREATE TABLE bookings (id int PRIMARY KEY, sailing_id int NOT NULL REFERENCES sailings, seats int NOT NULL, booked_on date NOT NULL);
CREATE TABLE searches (landing_id int PRIMARY KEY, asked int NOT NULL);
INSERT INTO landings SELECT i, 'Landing ' || i, (ARRAY['north','south','east','west'])[1 + i % 4], 1 + i % 3 FROM generate_series(1, 240) i;
INSERT INTO legs SELECT i, 1 + i % 240, 1 + (i * 7 + i / 240) % 240, 8 + (i * 13) % 60 FROM generate_series(1, 1400) i;
INSERT INTO sailings SELECT i, 1 + i % 240, 1 + (i / 240 * 17 + i % 240 + 1) % 240, date '2025-06-01' + (i / 240) % 30,
       to_char((360 + (i / 7200) * 16) * interval '1 minute', 'HH24:MI'), 60 + (i % 5) * 30, (ARRAY['Seerose','Adler','Delphin'])[1 + i % 3]
  FROM generate_series(0, 359999) i WHERE i / 7200 < 50;
INSERT INTO bookings SELECT i, (i::bigint * 7919) % 300000, 1 + i % 6, date '2025-05-01' + i % 40 FROM generate_series(1, 500000) i;
CREATE INDEX ON sailings (from_landing, day, departs_at);
CREATE INDEX ON bookings (sailing_id);

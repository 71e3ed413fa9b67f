CREATE TABLE berths (
  id int PRIMARY KEY, pontoon text NOT NULL, length_m numeric(5,1) NOT NULL, depth_m numeric(4,1) NOT NULL, power boolean NOT NULL);
INSERT INTO berths SELECT i, chr(65 + i % 8), 6 + (i * 7 % 24) * 0.5, 1.5 + (i % 7) * 0.4, i % 3 <> 0 FROM generate_series(1, 640) i;
CREATE TABLE stays (
  id serial PRIMARY KEY, berth_id int NOT NULL REFERENCES berths, boat text NOT NULL, arrives date NOT NULL, leaves date NOT NULL, status text NOT NULL);
INSERT INTO stays (berth_id, boat, arrives, leaves, status)
  SELECT 1 + (i * 37 % 640), 'MMSI-' || (211000000 + i), date '2025-05-01' + (i % 150), date '2025-05-01' + (i % 150) + 2 + i % 9,
         CASE WHEN i % 11 = 0 THEN 'cancelled' ELSE 'booked' END FROM generate_series(1, 36000) i;
CREATE INDEX stays_berth ON stays (berth_id, arrives);
CREATE INDEX stays_arrives ON stays (arrives);
CREATE TABLE tides (day date, hour int, height_m numeric(4,2), PRIMARY KEY (day, hour));
INSERT INTO tides SELECT date '2025-05-01' + d, h, 2.4 + 1.8 * sin((d * 24 + h) / 6.2) FROM generate_series(0, 180) d, generate_series(0, 23) h;
CREATE TABLE notices (id serial PRIMARY KEY, pontoon text, text text, valid_from date, valid_to date);
INSERT INTO notices (pontoon, text, valid_from, valid_to)
  SELECT chr(65 + i % 8), 'Notice ' || i, date '2025-05-01' + i * 3, date '2025-05-01' + i * 3 + 14 FROM generate_series(1, 60) i;

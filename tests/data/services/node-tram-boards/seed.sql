CREATE TABLE lines (id int PRIMARY KEY, name text NOT NULL, colour text NOT NULL, services text[] NOT NULL);
CREATE TABLE stops (id int PRIMARY KEY, name text NOT NULL, zone int NOT NULL);
CREATE TABLE departures (stop_id int NOT NULL REFERENCES stops, service text NOT NULL, minute int NOT NULL, line_id int NOT NULL REFERENCES lines,
                         platform text NOT NULL, towards text NOT NULL);
INSERT INTO lines SELECT i, 'T' || i, '#' || lpad(to_hex(i * 98765 % 16777215), 6, '0'),
       CASE WHEN i % 4 = 0 THEN ARRAY['weekday'] ELSE ARRAY['weekday','saturday','sunday'] END FROM generate_series(1, 24) i;
INSERT INTO stops SELECT i, (ARRAY['Market','Bridge','Station','Park','Mill'])[1 + i % 5] || ' ' || i, 1 + i / 30 FROM generate_series(1, 120) i;
INSERT INTO departures SELECT s, v, 300 + (k * 1140) / 200 + l, 1 + (s + l * 7) % 24, chr(65 + l % 4), 'Terminus ' || (s * l) % 17
  FROM generate_series(1, 120) s, unnest(ARRAY['weekday','sunday']) v, generate_series(0, 4) l, generate_series(0, 199) k;
CREATE INDEX ON departures (stop_id, service, minute);

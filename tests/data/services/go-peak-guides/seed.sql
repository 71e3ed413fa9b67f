CREATE TABLE peaks (id int PRIMARY KEY, name text NOT NULL, height int NOT NULL);
CREATE TABLE routes (id int PRIMARY KEY, peak_id int NOT NULL REFERENCES peaks, name text NOT NULL, grade text NOT NULL);
CREATE TABLE reports (id int PRIMARY KEY, peak_id int NOT NULL REFERENCES peaks, route_id int NOT NULL REFERENCES routes, guide text NOT NULL, made timestamptz NOT NULL, text text NOT NULL);
INSERT INTO peaks SELECT i, 'Peak ' || i, 2500 + i * 37 % 2000 FROM generate_series(1, 300) i;
INSERT INTO routes SELECT i, 1 + i % 300, 'Route ' || i, (ARRAY['F','PD','AD','D'])[1 + i % 4] FROM generate_series(1, 1800) i;
INSERT INTO reports SELECT i, 1 + i % 300, 1 + i % 1800, 'Guide ' || i % 90, timestamptz '2024-01-01 06:00+00' + i * interval '3 minutes',
    'Left the hut at ' || 2 + i % 4 || ', ' || (ARRAY['hard snow up to the saddle','wet rock on the ridge','ice in the couloir, rope needed','dry and crowded'])[1 + i % 4] || ', descent as usual; rockfall below the second tower after noon.'
  FROM generate_series(1, 150000) i;
CREATE INDEX ON reports (peak_id, made);

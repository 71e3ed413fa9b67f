CREATE TABLE basins (code text PRIMARY KEY, name text NOT NULL, low_cm int NOT NULL, high_cm int NOT NULL);
CREATE TABLE gauges (id int PRIMARY KEY, basin text NOT NULL REFERENCES basins, name text NOT NULL, depth_m int NOT NULL);
CREATE TABLE levels (gauge_id int NOT NULL REFERENCES gauges, taken_at timestamp NOT NULL, cm int NOT NULL,
                     celsius numeric(4, 1) NOT NULL, PRIMARY KEY (gauge_id, taken_at));
INSERT INTO basins SELECT 'B' || lpad(i::text, 2, '0'), 'Basin ' || i, 180 + i, 900 - i * 3 FROM generate_series(1, 25) i;
INSERT INTO gauges SELECT i, 'B' || lpad((1 + i % 25)::text, 2, '0'), 'Well ' || i, 12 + i % 70 FROM generate_series(1, 250) i;
INSERT INTO levels SELECT g, timestamp '2026-03-01' + h * interval '3 hours', 400 + (g * 37 + h * 11) % 380 - h / 9,
       7.5 + ((g + h) % 40) / 10.0
  FROM generate_series(0, 239) h, generate_series(1, 250) g;
CREATE INDEX ON gauges (basin);
CREATE VIEW gauge_state AS
  SELECT g.id AS gauge_id, g.basin, g.name, g.depth_m, l.taken_at, l.cm, l.celsius,
         row_number() OVER newest AS age,
         l.cm - lead(l.cm, 8) OVER newest AS day_change,
         avg(l.cm) OVER (newest ROWS BETWEEN CURRENT ROW AND 55 FOLLOWING) AS week_mean
    FROM levels l JOIN gauges g ON g.id = l.gauge_id
  WINDOW newest AS (PARTITION BY l.gauge_id ORDER BY l.taken_at DESC);

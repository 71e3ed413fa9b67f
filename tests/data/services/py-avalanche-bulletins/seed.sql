CREATE TABLE regions (id int PRIMARY KEY, name text NOT NULL, massif text NOT NULL, base_m int NOT NULL);
CREATE TABLE stations (id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions, name text NOT NULL, height_m int NOT NULL);
CREATE TABLE snow (station_id int NOT NULL REFERENCES stations, at timestamp NOT NULL, depth_cm int NOT NULL, fresh_cm int NOT NULL,
                   wind_kmh int NOT NULL, air numeric(4,1) NOT NULL, PRIMARY KEY (station_id, at));
INSERT INTO regions SELECT i, 'Region ' || i, (ARRAY['Karwendel','Silvretta','Dachstein'])[1 + i % 3], 900 + i * 11 FROM generate_series(1, 40) i;
INSERT INTO stations SELECT i, 1 + i % 40, 'Station ' || i, 1100 + (i * 97) % 1900 FROM generate_series(1, 200) i;
INSERT INTO snow SELECT s, timestamp '2025-02-01' + h * interval '1 hour', 60 + (s * 13 + h) % 140, (s + h * 7) % 9, (s * 3 + h * 5) % 80,
       -12 + (s + h) % 150 / 10.0
  FROM generate_series(1, 200) s, generate_series(0, 503) h;

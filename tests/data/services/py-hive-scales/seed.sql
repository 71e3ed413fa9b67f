CREATE TABLE yards (id int PRIMARY KEY, name text NOT NULL, height int NOT NULL);
CREATE TABLE hives (id int PRIMARY KEY, yard_id int NOT NULL REFERENCES yards, queen text NOT NULL, empty_kg real NOT NULL);
CREATE TABLE readings (hive_id int NOT NULL REFERENCES hives, at timestamp NOT NULL, kg real NOT NULL, celsius real NOT NULL,
                       PRIMARY KEY (hive_id, at));
INSERT INTO yards SELECT i, 'Yard ' || i, 200 + i * 31 FROM generate_series(1, 20) i;
INSERT INTO hives SELECT i, 1 + i % 20, (ARRAY['carnica','buckfast','ligustica'])[1 + i % 3], 28 + i % 7 FROM generate_series(1, 160) i;
INSERT INTO readings SELECT h, timestamp '2026-05-01' + n * interval '30 minutes',
       34 + h % 11 + 9 * sin(n / 210.0) + 0.6 * sin(n / 7.6) + (h * n) % 5 / 10.0, 14 + 9 * sin(n / 7.64)
  FROM generate_series(1, 160) h, generate_series(1, 1900) n;

CREATE TABLE labels (id int PRIMARY KEY, name text NOT NULL, country text NOT NULL);
CREATE TABLE acts (id int PRIMARY KEY, name text NOT NULL, genre text NOT NULL, label_id int REFERENCES labels, fee int NOT NULL);
CREATE TABLE stages (id int PRIMARY KEY, name text NOT NULL, holds int NOT NULL);
CREATE TABLE sets (id int PRIMARY KEY, stage_id int NOT NULL REFERENCES stages, act_id int NOT NULL REFERENCES acts,
                   starts_at timestamp NOT NULL, minutes int NOT NULL);
CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, trade text NOT NULL);
CREATE TABLE sets_crew (set_id int NOT NULL REFERENCES sets, person_id int NOT NULL REFERENCES people, PRIMARY KEY (set_id, person_id));
INSERT INTO labels SELECT i, 'Label ' || i, (ARRAY['CH','SE','GH','BR','JP'])[1 + i % 5] FROM generate_series(1, 400) i;
INSERT INTO acts SELECT i, 'Act ' || i, (ARRAY['folk','dub','jazz','noise','choir','polka'])[1 + i % 6],
       CASE WHEN i % 9 > 0 THEN 1 + (i * 37) % 400 END, 300 + (i * 71) % 9000 FROM generate_series(1, 3000) i;
INSERT INTO stages SELECT i, (ARRAY['Lake','Barn','Dome','Yard','Cellar','Hill','Quay','Attic'])[i], 200 * i FROM generate_series(1, 8) i;
INSERT INTO sets SELECT i, 1 + i % 8, 1 + (i * 7919) % 3000, date '2025-07-01' + (i / 72) + interval '10 hours' + (i % 72) / 8 * interval '75 minutes',
       40 + 5 * (i % 5) FROM generate_series(1, 4300) i;
INSERT INTO people SELECT i, 'Crew ' || i, (ARRAY['light','sound','stage'])[1 + i % 3] FROM generate_series(1, 250) i;
INSERT INTO sets_crew SELECT s, 1 + (s * 31 + k * 17) % 250 FROM generate_series(1, 4300) s, generate_series(0, 2) k;
CREATE INDEX ON sets (starts_at);
CREATE INDEX ON sets (act_id);

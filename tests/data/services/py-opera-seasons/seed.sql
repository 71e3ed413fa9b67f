CREATE TABLE houses (code text PRIMARY KEY, name text NOT NULL, seats int NOT NULL);
CREATE TABLE productions (id int PRIMARY KEY, title text NOT NULL, composer text NOT NULL, minutes int NOT NULL);
CREATE TABLE singers (id int PRIMARY KEY, name text NOT NULL, voice text NOT NULL);
CREATE TABLE performances (id int PRIMARY KEY, house text NOT NULL REFERENCES houses, production_id int NOT NULL REFERENCES productions,
                           stage text NOT NULL, starts_at timestamp NOT NULL);
CREATE TABLE castings (performance_id int NOT NULL REFERENCES performances, position int NOT NULL, role text NOT NULL,
                       singer_id int NOT NULL REFERENCES singers, PRIMARY KEY (performance_id, position));
CREATE TABLE tickets (id int PRIMARY KEY, performance_id int NOT NULL REFERENCES performances, seat text NOT NULL, price numeric NOT NULL);
INSERT INTO houses VALUES ('STV', 'Staatstheater', 320), ('LAG', 'Lagoon', 210), ('HIL', 'Hill House', 140);
INSERT INTO productions SELECT i, 'Opera ' || i, (ARRAY['Handel','Verdi','Janacek','Britten','Puccini'])[1 + i % 5], 110 + i % 90
  FROM generate_series(1, 160) i;
INSERT INTO singers SELECT i, 'Singer ' || i, (ARRAY['soprano','mezzo','tenor','baritone','bass'])[1 + i % 5] FROM generate_series(1, 900) i;
INSERT INTO performances SELECT i, (ARRAY['STV','LAG','HIL'])[1 + i % 3], 1 + (i * 37) % 160, (ARRAY['main','studio'])[1 + i % 2],
       timestamp '2024-09-01 19:30' + make_interval(days => i / 4)
  FROM generate_series(1, 1400) i;
INSERT INTO castings SELECT p, r, (ARRAY['Count','Countess','Page','Nurse','Soldier','King'])[1 + r], 1 + (p * 17 + r * 101) % 900
  FROM generate_series(1, 1400) p, generate_series(0, 5) r WHERE r < 3 + p % 4;
INSERT INTO tickets SELECT p * 200 + t, p, 'R' || t / 20 || '-' || t % 20, 20 + (t % 7) * 15
  FROM generate_series(1, 1400) p, generate_series(1, 120) t WHERE t <= 40 + p % 80;
CREATE INDEX ON performances (house, starts_at);
CREATE INDEX ON tickets (performance_id);

CREATE TABLE shows (id int PRIMARY KEY, name text NOT NULL, held_on date NOT NULL);
CREATE TABLE dogs (id int PRIMARY KEY, name text NOT NULL, breed text NOT NULL, born_on date NOT NULL, owner text NOT NULL);
CREATE TABLE entries (id int PRIMARY KEY, show_id int NOT NULL REFERENCES shows, dog_id int NOT NULL REFERENCES dogs, ring int NOT NULL, class text NOT NULL);
CREATE TABLE awards (id int PRIMARY KEY, dog_id int NOT NULL REFERENCES dogs, title text NOT NULL, won_on date NOT NULL);
INSERT INTO shows SELECT i, 'Show ' || i, date '2024-01-06' + i * 7 FROM generate_series(1, 60) i;
INSERT INTO dogs SELECT i, 'Dog ' || i, (ARRAY['spaniel','setter','terrier','hound','corgi','poodle'])[1 + i % 6], date '2018-03-01' + (i * 13) % 1800, 'Owner ' || i % 1700
  FROM generate_series(1, 6000) i;
INSERT INTO entries SELECT i, 1 + i % 60, 1 + (i * 7919 + i / 60 * 37) % 6000, 1 + i / 60 / 40, (ARRAY['puppy','junior','open','veteran'])[1 + i % 4] FROM generate_series(1, 18000) i;
INSERT INTO awards SELECT i, 1 + (i::bigint * 104729) % 6000, (ARRAY['CC','RCC','BOB','JW'])[1 + i % 4], date '2021-01-01' + i % 1100 FROM generate_series(1, 24000) i;
CREATE INDEX ON entries (show_id);
CREATE INDEX ON awards (dog_id, won_on);

CREATE TABLE varieties (id int PRIMARY KEY, name text NOT NULL, species text NOT NULL, days_to_harvest int NOT NULL, hardiness int NOT NULL);
CREATE TABLE growers (id int PRIMARY KEY, name text NOT NULL, zone int NOT NULL);
CREATE TABLE offers (id int PRIMARY KEY, grower_id int NOT NULL REFERENCES growers, variety_id int NOT NULL REFERENCES varieties,
                     packets int NOT NULL, saved_in int NOT NULL, note text);
CREATE TABLE offer_views (grower_id int NOT NULL REFERENCES growers, day date NOT NULL, views int NOT NULL, PRIMARY KEY (grower_id, day));
INSERT INTO varieties SELECT i, 'Variety ' || i, (ARRAY['tomato','bean','pea','kale','squash','lettuce'])[1 + i % 6], 45 + i * 7 % 90, 3 + i % 7
  FROM generate_series(1, 1800) i;
INSERT INTO growers SELECT i, 'Grower ' || i, 4 + i % 6 FROM generate_series(1, 900) i;
INSERT INTO offers SELECT i, 1 + i % 900, 1 + (i::bigint * 7919) % 1800, 1 + i % 9, 2020 + i % 6, CASE WHEN i % 4 = 0 THEN 'saved by hand, tested on paper' END
  FROM generate_series(1, 81000) i;
CREATE INDEX ON offers (grower_id, variety_id);

CREATE TABLE camps (id int PRIMARY KEY, place text NOT NULL, week int NOT NULL);
CREATE TABLE children (id int PRIMARY KEY, camp_id int NOT NULL REFERENCES camps, first_name text NOT NULL, tent int NOT NULL, diet text NOT NULL);
CREATE TABLE allergies (id int PRIMARY KEY, child_id int NOT NULL REFERENCES children, food text NOT NULL, severe boolean NOT NULL);
CREATE TABLE stays (id int PRIMARY KEY, child_id int NOT NULL REFERENCES children, night int NOT NULL, breakfast boolean NOT NULL);
INSERT INTO camps SELECT i, 'Lake ' || i, 26 + i % 9 FROM generate_series(1, 40) i;
INSERT INTO children SELECT i, 1 + i % 40, (ARRAY['Mia','Noah','Lea','Finn','Ida','Jon','Zoe'])[1 + i % 7], 1 + (i / 40) % 12,
       (ARRAY['all','all','all','vegetarian','vegan'])[1 + i % 5] FROM generate_series(1, 1800) i;
INSERT INTO allergies SELECT i, 1 + (i * 7919) % 1800, (ARRAY['nuts','milk','egg','gluten','soy','fish'])[1 + i % 6], i % 4 = 0
  FROM generate_series(1, 1450) i;
INSERT INTO stays SELECT i, 1 + i % 1800, 1 + i / 1800, i % 9 > 0 FROM generate_series(0, 12599) i;
CREATE INDEX ON children (camp_id, tent);
CREATE INDEX ON allergies (child_id);
CREATE INDEX ON stays (child_id, night);

CREATE TABLE boat (id int PRIMARY KEY, name text NOT NULL, class text NOT NULL, weight_kg int NOT NULL);
CREATE TABLE rower (id int PRIMARY KEY, name text NOT NULL, born int NOT NULL);
CREATE TABLE outing (id int PRIMARY KEY, boat_id int NOT NULL REFERENCES boat, rowed_on date NOT NULL, left_at time NOT NULL, meters int NOT NULL);
CREATE TABLE seat (id int PRIMARY KEY, outing_id int NOT NULL REFERENCES outing, rower_id int NOT NULL REFERENCES rower, place int NOT NULL);
INSERT INTO boat SELECT i, (ARRAY['Heron','Otter','Tern','Pike','Swift'])[1 + i % 5] || ' ' || i, (ARRAY['1x','2x','4x','4+','8+'])[1 + i % 5], 14 + i % 80
  FROM generate_series(1, 60) i;
INSERT INTO rower SELECT i, 'Rower ' || i, 1950 + i % 60 FROM generate_series(1, 900) i;
INSERT INTO outing SELECT i, 1 + (i * 37) % 60, date '2025-05-01' + i / 110, time '05:30' + (i % 110) * interval '8 minutes', 4000 + (i * 613) % 16000
  FROM generate_series(1, 13000) i;
INSERT INTO seat SELECT row_number() OVER (), o, 1 + (o * 7919 + p * 131) % 900, p FROM generate_series(1, 13000) o, generate_series(1, 4) p;
CREATE INDEX ON outing (rowed_on, left_at);
CREATE INDEX ON outing (boat_id);
CREATE INDEX ON seat (outing_id, place);
CREATE INDEX ON seat (rower_id);

CREATE TABLE lifts (id int PRIMARY KEY, district_id int NOT NULL, street text NOT NULL, maker text NOT NULL,
                    floors int NOT NULL, installed_on date NOT NULL);
CREATE TABLE inspectors (id int PRIMARY KEY, name text NOT NULL, district_id int NOT NULL);
CREATE TABLE inspections (id int PRIMARY KEY, lift_id int NOT NULL REFERENCES lifts, inspector_id int NOT NULL REFERENCES inspectors,
                          made_on date NOT NULL, grade int NOT NULL, ropes_mm numeric(4,1) NOT NULL, remark text);
INSERT INTO lifts SELECT i, 1 + i % 60, (ARRAY['Quay','Mill','Station','Castle','Garden'])[1 + i % 5] || ' street ' || i / 7,
       (ARRAY['Otto','Schwind','Konrad','Tissot'])[1 + i % 4], 2 + i % 11, date '1985-01-01' + (i * 37) % 12000
  FROM generate_series(1, 2400) i;
INSERT INTO inspectors SELECT i, 'Inspector ' || i, 1 + i % 60 FROM generate_series(1, 180) i;
INSERT INTO inspections SELECT i, 1 + (i::bigint * 7919) % 2400, 1 + (i::bigint * 31) % 180, date '2008-01-01' + (i / 19),
       1 + (i / 7 + i * 13) % 5, 8 + (i % 50) / 10.0, CASE WHEN i % 4 = 0 THEN 'door closes late, landing ' || i % 9 END
  FROM generate_series(1, 120000) i;
CREATE INDEX ON lifts (district_id);
CREATE INDEX ON inspections (lift_id, made_on DESC);
CREATE INDEX ON inspections (inspector_id);
CREATE VIEW lift_state AS
  SELECT s.*, l.district_id, l.street, l.maker, l.floors, s.made_on + CASE WHEN s.grade <= 2 THEN 90 ELSE 365 END AS due_on
    FROM (SELECT i.lift_id, i.made_on, i.grade, i.ropes_mm, i.remark, p.name AS inspector,
                 row_number() OVER w AS nth, count(*) OVER (PARTITION BY i.lift_id) AS visits,
                 i.ropes_mm - lead(i.ropes_mm) OVER w AS rope_change
            FROM inspections i JOIN inspectors p ON p.id = i.inspector_id
          WINDOW w AS (PARTITION BY i.lift_id ORDER BY i.made_on DESC, i.id DESC)) s
    JOIN lifts l ON l.id = s.lift_id
   WHERE s.nth = 1;

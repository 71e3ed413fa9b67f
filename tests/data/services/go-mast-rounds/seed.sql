CREATE TABLE districts (id int PRIMARY KEY, name text NOT NULL, crew text NOT NULL);
CREATE TABLE masts (id int PRIMARY KEY, district_id int NOT NULL REFERENCES districts, code text NOT NULL UNIQUE,
                    height_dm int NOT NULL, built int NOT NULL);
CREATE TABLE inspections (id int PRIMARY KEY, mast_id int NOT NULL REFERENCES masts, inspector text NOT NULL,
                          done_at timestamptz NOT NULL, grade smallint NOT NULL, torque_nm real, remarks text);
INSERT INTO districts SELECT i, 'District ' || i, 'Crew ' || (1 + i % 6) FROM generate_series(1, 40) i;
INSERT INTO masts SELECT i, 1 + i % 40, 'M' || to_char(i, 'FM00000'), 60 + i * 7 % 120, 1971 + i % 50 FROM generate_series(1, 2400) i;
INSERT INTO inspections
SELECT i, 1 + (i::bigint * 7919) % 2400, (ARRAY['adams','brandt','costa','dahl','egede','fuchs'])[1 + i % 6],
       timestamptz '2016-01-01 08:00+00' + (i * 43) * interval '1 minute', 1 + (i * 31) % 5, 40 + i % 300 / 7.0,
       'bolts ' || md5(i::text) || CASE WHEN i % 4 = 0 THEN ' repaint the ladder and renew the plate' ELSE '' END
  FROM generate_series(1, 90000) i;
CREATE INDEX ON masts (district_id);
CREATE INDEX ON inspections (mast_id, done_at DESC);
CREATE INDEX ON inspections (done_at);
CREATE VIEW inspection_history AS
SELECT i.*, row_number() OVER w AS nth, lag(i.grade) OVER (PARTITION BY i.mast_id ORDER BY i.done_at) AS grade_before,
       count(*) OVER (PARTITION BY i.mast_id) AS inspections
  FROM inspections i
WINDOW w AS (PARTITION BY i.mast_id ORDER BY i.done_at DESC);
ALTER VIEW inspection_history OWNER TO app;

CREATE TABLE engineers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE visits (id bigserial PRIMARY KEY, engineer_id int NOT NULL REFERENCES engineers, done_at timestamptz NOT NULL, sheet jsonb NOT NULL);
INSERT INTO engineers SELECT i, 'Engineer ' || i FROM generate_series(1, 60) i;
INSERT INTO visits (engineer_id, done_at, sheet)
  SELECT 1 + i % 60, timestamptz '2020-01-01 08:00+00' + i * interval '11 minutes',
         jsonb_build_object('serial', 'VX' || lpad(((i::bigint * 7919) % 24000)::text, 6, '0'), 'kind', (ARRAY['service','repair','safety'])[1 + i % 3],
           'parts', jsonb_build_array('P' || i % 400, 'P' || i % 77), 'co_ppm', 20 + i % 60, 'flue_c', 55 + i % 30)
  FROM generate_series(1, 240000) i;
CREATE INDEX ON visits (engineer_id, done_at);
CREATE INDEX visits_sheet ON visits ((sheet->>'kind'), done_at);

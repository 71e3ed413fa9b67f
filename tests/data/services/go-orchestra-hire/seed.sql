CREATE TABLE pupils (
    pupil_id int PRIMARY KEY,
    name text NOT NULL,
    school_year int NOT NULL,
    joined date NOT NULL
);
CREATE TABLE hires (
    hire_id int PRIMARY KEY,
    branch text NOT NULL,
    instrument text NOT NULL,
    serial text NOT NULL,
    pupil_id int NOT NULL,
    since timestamptz NOT NULL,
    returned timestamptz,
    deposit_cents int NOT NULL
);
CREATE TABLE workshop_visits (
    visit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    serial text NOT NULL,
    day timestamptz NOT NULL,
    what text NOT NULL
);

INSERT INTO pupils
SELECT n, (ARRAY['Ada','Bo','Cleo','Dirk','Edda','Finn','Gesa','Hal'])[1 + n % 8] || ' ' || (ARRAY['Abel','Brandt','Cord','Decker','Ebner'])[1 + n % 5],
       1 + n % 12, date '2018-08-01' + n % 2400
FROM generate_series(1, 6000) n;

INSERT INTO hires
SELECT n, (ARRAY['north','harbour','abbey','south'])[1 + n % 4],
       (ARRAY['cello','violin','oboe','horn','harp','viola','bassoon'])[1 + n % 7], 'S-' || (10000 + n * 7 % 9000),
       1 + n * 13 % 6000, timestamptz '2025-09-01' - (n % 900) * interval '1 day',
       CASE WHEN n % 52 NOT IN (0, 9, 22) THEN timestamptz '2025-10-01' END, 5000 + n % 40 * 500
FROM generate_series(1, 9000) n;

INSERT INTO workshop_visits (serial, day, what)
SELECT 'S-' || (10000 + n * 11 % 9000), timestamptz '2025-08-01' - (n % 1500) * interval '1 day',
       (ARRAY['new strings','pads','bow rehaired','crack glued','cleaned'])[1 + n % 5]
FROM generate_series(1, 30000) n;

CREATE INDEX ON hires (branch, since) WHERE returned IS NULL;
CREATE INDEX ON workshop_visits (serial, day);

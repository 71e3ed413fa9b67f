CREATE TABLE towns (id int PRIMARY KEY, name text NOT NULL UNIQUE, fee_pence int NOT NULL);
CREATE TABLE tag_series (town_id int NOT NULL REFERENCES towns, year int NOT NULL, last_tag int NOT NULL, PRIMARY KEY (town_id, year));
CREATE TABLE licences (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, town_id int NOT NULL REFERENCES towns, year int NOT NULL,
                       tag int NOT NULL, keeper text NOT NULL, dog text NOT NULL, breed text NOT NULL, chip text NOT NULL,
                       fee_pence int NOT NULL, receipt text, issued_at timestamptz NOT NULL DEFAULT statement_timestamp(),
                       UNIQUE (town_id, year, tag));
INSERT INTO towns SELECT i, (ARRAY['Ludwell','Marnhull','Tisbury','Hindon','Gillingham','Mere','Semley','Zeals'])[i], 1500 + 100 * i
  FROM generate_series(1, 8) i;
INSERT INTO tag_series SELECT id, 2026, 4000 FROM towns;
INSERT INTO licences (town_id, year, tag, keeper, dog, breed, chip, fee_pence, receipt, issued_at)
  SELECT t, 2026, n, 'Keeper ' || n, (ARRAY['Rex','Bess','Floss','Nip'])[1 + n % 4], (ARRAY['collie','terrier','spaniel'])[1 + n % 3],
         '8260' || lpad((t * 100000 + n)::text, 11, '0'), 1500 + 100 * t, 'R' || n, timestamptz '2026-01-02' + n * interval '90 minutes'
  FROM generate_series(1, 8) t, generate_series(1, 4000) n;
CREATE INDEX ON licences (chip);
CREATE INDEX ON licences (town_id, issued_at);

CREATE TABLE offices (id int PRIMARY KEY, town text NOT NULL, mark text NOT NULL, fee_per_piece numeric(6,2) NOT NULL);
CREATE TABLE makers (id int PRIMARY KEY, name text NOT NULL, sponsor_mark text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE slips (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, office_id int NOT NULL REFERENCES offices,
                    slip_no int NOT NULL, maker_id int NOT NULL REFERENCES makers, metal text NOT NULL, fineness int NOT NULL,
                    grams numeric(9,2) NOT NULL, pieces int NOT NULL, fee numeric(9,2), balance_ref text,
                    taken_at timestamptz NOT NULL DEFAULT now(), UNIQUE (office_id, slip_no));
INSERT INTO offices SELECT i, (ARRAY['Dublin','Wien','Porto','Praha','Sheffield'])[i], chr(64 + i), 0.55 + i * 0.05 FROM generate_series(1, 5) i;
INSERT INTO makers SELECT i, 'Maker ' || i, chr(65 + i % 26) || chr(65 + (i / 26) % 26), i % 37 > 0 FROM generate_series(1, 400) i;
INSERT INTO slips (office_id, slip_no, maker_id, metal, fineness, grams, pieces, fee, balance_ref, taken_at)
  SELECT 1 + i % 5, 1 + i / 5, 1 + i % 400, (ARRAY['gold','silver','platinum'])[1 + i % 3], 375 + (i % 4) * 125, 3 + i % 90, 1 + i % 12,
         4.5 + i % 9, 'B' || i, timestamp '2024-02-01' + i * interval '3 minutes'
  FROM generate_series(0, 19999) i;
CREATE INDEX ON slips (maker_id, taken_at DESC);

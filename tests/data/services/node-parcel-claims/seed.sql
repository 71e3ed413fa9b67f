CREATE TABLE parcels (code text PRIMARY KEY, service text NOT NULL, sender_id int NOT NULL, posted_on date NOT NULL);
CREATE TABLE claims (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parcel text NOT NULL REFERENCES parcels,
                     reason text NOT NULL, value_cents int NOT NULL, reserve_cents int NOT NULL, last_scan text,
                     note text NOT NULL, filed_at timestamptz NOT NULL DEFAULT now());
INSERT INTO parcels SELECT 'RX' || lpad(i::text, 9, '0'), (ARRAY['standard','standard','insured','valuable'])[1 + i % 4], i % 900,
       date '2025-01-01' + i % 60
  FROM generate_series(1, 50000) i;
INSERT INTO claims (parcel, reason, value_cents, reserve_cents, note)
SELECT 'RX' || lpad((1 + (i * 37) % 50000)::text, 9, '0'), (ARRAY['lost','damaged','late'])[1 + i % 3], 1000 + i, 1000, ''
  FROM generate_series(1, 3000) i;
CREATE INDEX ON claims (parcel);

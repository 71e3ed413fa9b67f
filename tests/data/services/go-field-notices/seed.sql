CREATE TABLE airfields (
    code char(4) PRIMARY KEY,
    name text NOT NULL,
    lat double precision NOT NULL,
    lon double precision NOT NULL
);
CREATE TABLE notices (
    id bigserial PRIMARY KEY,
    airfield char(4) NOT NULL REFERENCES airfields,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    kind text NOT NULL,
    body text NOT NULL
);
CREATE TABLE routes (
    name text PRIMARY KEY,
    fields char(4)[] NOT NULL
);
INSERT INTO airfields
SELECT chr(65 + i % 6) || chr(65 + (i / 6) % 26) || chr(65 + (i / 156) % 26) || chr(65 + i % 17), 'Field ' || i,
       40 + (i * 37 % 2500) / 100.0, (i * 53 % 3000) / 100.0
FROM generate_series(0, 799) i ON CONFLICT DO NOTHING;
INSERT INTO airfields VALUES ('ESSA', 'Arlanda', 59.65, 17.92), ('LOWI', 'Innsbruck', 47.26, 11.34), ('EDDP', 'Leipzig', 51.42, 12.24),
  ('EKCH', 'Kastrup', 55.62, 12.65), ('EDDM', 'Munich', 48.35, 11.79), ('ESMS', 'Malmo', 55.54, 13.37);
INSERT INTO notices (airfield, begins, ends, kind, body)
SELECT a.code, timestamptz '2025-03-01 00:00Z' + (n * 7919 % 8640) * interval '15 minutes',
       timestamptz '2025-03-01 00:00Z' + (n * 7919 % 8640) * interval '15 minutes' + (1 + n % 40) * interval '6 hours',
       (ARRAY['runway','taxiway','lights','crane','airspace','fuel'])[1 + n % 6],
       'E) ' || (ARRAY['RWY 08/26 CLSD','TWY B RESTRICTED','PAPI U/S','CRANE ERECTED','TEMPO RESTRICTED AREA','FUEL NOT AVBL'])[1 + n % 6]
         || ' DUE WIP. PSN 4715N01120E ELEV ' || (500 + n % 900) || 'FT. CTC TWR 118.' || (100 + n % 800) || ' REF ' || md5(n::text)
FROM airfields a, generate_series(1, 160) n;
INSERT INTO routes VALUES ('ESSA-LOWI', '{ESSA,ESMS,EKCH,EDDP,EDDM,LOWI}'), ('EKCH-EDDM', '{EKCH,EDDP,EDDM}');
CREATE INDEX notices_airfield_ends ON notices (airfield, ends);

CREATE TABLE walks (
  id serial PRIMARY KEY, region int NOT NULL, name text NOT NULL, km numeric(5,1) NOT NULL, climb int NOT NULL,
  lat double precision NOT NULL, lon double precision NOT NULL
);
INSERT INTO walks (region, name, km, climb, lat, lon)
SELECT 1 + n % 12, 'Walk ' || n, 2 + (n * 37 % 140) / 10.0, n * 13 % 700, 46.2 + (n * 17 % 1000) / 900.0, 7 + (n * 29 % 1000) / 500.0
FROM generate_series(1, 1800) n;
CREATE INDEX walks_region ON walks (region);
CREATE TABLE finds (
  id serial PRIMARY KEY, walk int NOT NULL REFERENCES walks, species text NOT NULL, kind text NOT NULL, month int NOT NULL,
  grams int NOT NULL, found_at timestamptz NOT NULL
);
INSERT INTO finds (walk, species, kind, month, grams, found_at)
SELECT 1 + n * 7 % 1800, 'species ' || n % 90, (ARRAY['edible','edible','bitter','poisonous'])[1 + (n / 12 + n / 1800) % 4], 1 + n / 1800 % 12,
       20 + n * 31 % 900, timestamptz '2026-11-01' - n * interval '9 minutes'
FROM generate_series(1, 90000) n;
CREATE INDEX finds_walk_month ON finds (walk, month) INCLUDE (species, kind, grams);
ANALYZE;

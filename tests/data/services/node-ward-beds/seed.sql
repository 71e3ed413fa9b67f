CREATE TABLE stays (
    id bigserial PRIMARY KEY,
    ward text NOT NULL,
    bed integer NOT NULL,
    started timestamptz NOT NULL,
    ended timestamptz
);
INSERT INTO stays (ward, bed, started, ended)
SELECT 'W-' || n % 400, n % 30, timestamptz '2024-01-01' + n * interval '1 minute', timestamptz '2024-01-03' + n * interval '1 minute'
FROM generate_series(1, 800000) n;
ANALYZE;

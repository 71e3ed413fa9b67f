CREATE TABLE tenants (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE plots (id int PRIMARY KEY, site_id int NOT NULL, number text NOT NULL, kind text NOT NULL,
                    square_metres int NOT NULL, tenant_id int REFERENCES tenants);
CREATE TABLE payments (id bigserial PRIMARY KEY, plot_id int NOT NULL REFERENCES plots, paid_on date NOT NULL, cents int NOT NULL);
CREATE TABLE readings (plot_id int NOT NULL REFERENCES plots, year int NOT NULL, month int NOT NULL, m3 numeric(8,1) NOT NULL,
                       PRIMARY KEY (plot_id, year, month));
CREATE TABLE fees (year int NOT NULL, kind text NOT NULL, name text NOT NULL, cents int NOT NULL, PRIMARY KEY (year, kind, name));
INSERT INTO tenants SELECT i, 'Tenant ' || i FROM generate_series(1, 700) i;
INSERT INTO plots SELECT i, 1 + i % 14, 'N' || lpad((i / 14)::text, 3, '0'), (ARRAY['A','B','C'])[1 + i % 3], 120 + (i * 7) % 200,
       CASE WHEN i % 11 > 0 THEN 1 + (i * 17) % 700 END FROM generate_series(1, 800) i;
INSERT INTO payments (plot_id, paid_on, cents)
  SELECT 1 + i % 800, date '2021-01-01' + (i * 37) % 1460, 2000 + (i * 31) % 6000 FROM generate_series(1, 12000) i;
INSERT INTO readings SELECT p, y, m, p % 50 + (y - 2020) * 60 + m * (1 + p % 6) * 0.7
  FROM generate_series(1, 800) p, generate_series(2021, 2024) y, generate_series(1, 12) m;
INSERT INTO fees SELECT y, k, n, 500 + 50 * length(n) FROM generate_series(2020, 2025) y, unnest(ARRAY['A','B','C']) k,
       unnest(ARRAY['insurance','paths','association']) n;
CREATE INDEX ON plots (site_id, number);
CREATE INDEX ON payments (plot_id, paid_on);

CREATE TABLE plots (id int PRIMARY KEY, site text NOT NULL, m2 int NOT NULL, tenant_id int);
CREATE TABLE tenants (id int PRIMARY KEY, name text NOT NULL, since date NOT NULL);
INSERT INTO tenants SELECT i, 'Tenant ' || i, date '2010-01-01' + i FROM generate_series(1, 8000) i;
INSERT INTO plots SELECT i, 'Site ' || i % 70, 20 + i % 180, CASE WHEN i % 60 > 0 THEN i % 8000 + 1 END FROM generate_series(1, 60000) i;
CREATE INDEX plots_free ON plots (m2, id) WHERE tenant_id IS NULL;
CREATE INDEX plots_tenant ON plots (tenant_id);

CREATE TABLE companies (id int PRIMARY KEY, name text NOT NULL, iban text NOT NULL, direct_debit boolean NOT NULL);
CREATE TABLE tabs (company_id int PRIMARY KEY REFERENCES companies, open_cents bigint NOT NULL, guaranteed_cents bigint NOT NULL, guarantee text,
                   meals bigint NOT NULL DEFAULT 0);
CREATE TABLE meals (id bigserial PRIMARY KEY, company_id int NOT NULL, till int NOT NULL, dishes text NOT NULL, cents int NOT NULL,
                    vat int NOT NULL, eaten_at timestamptz NOT NULL DEFAULT clock_timestamp());
INSERT INTO companies SELECT i, 'Company ' || i, 'DE' || (7000000000 + i * 7919), i % 3 = 0 FROM generate_series(1, 60) i;
INSERT INTO tabs (company_id, open_cents, guaranteed_cents) SELECT i, 4000 + i * 1130, 9000 + i * 1500 FROM generate_series(1, 60) i;
INSERT INTO meals (company_id, till, dishes, cents, vat) SELECT 1 + i % 60, 1 + i % 4, 'soup,coffee', 630, 61 FROM generate_series(1, 30000) i;
CREATE INDEX ON meals (company_id, id);

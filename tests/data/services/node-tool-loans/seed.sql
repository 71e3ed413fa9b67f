CREATE TABLE tools (id int PRIMARY KEY, name text NOT NULL, kind text NOT NULL, copies int NOT NULL);
CREATE TABLE loans (id bigserial PRIMARY KEY, tool_id int NOT NULL REFERENCES tools, member_id int NOT NULL, due_on date NOT NULL,
                    back_on date, deposit int NOT NULL);
INSERT INTO tools SELECT i, (ARRAY['Drill','Saw','Rake','Sander','Ladder'])[1 + i % 5] || ' ' || i,
       (ARRAY['power','hand','garden','power','ladder'])[1 + i % 5], 1 + i % 6 FROM generate_series(1, 400) i;
INSERT INTO loans (tool_id, member_id, due_on, back_on, deposit)
  SELECT 1 + i % 400, 1 + (i * 7919) % 3000, date '2024-12-01' + i % 90, CASE WHEN i % 20 > 0 THEN date '2024-12-03' + i % 90 END, 10
  FROM generate_series(1, 40000) i;
CREATE INDEX ON loans (tool_id, due_on) WHERE back_on IS NULL;
CREATE INDEX ON loans (member_id) WHERE back_on IS NULL;

CREATE TABLE owners (id bigint PRIMARY KEY, name text NOT NULL, street text NOT NULL, exempt boolean NOT NULL);
CREATE TABLE breeds (name text PRIMARY KEY, listed boolean NOT NULL);
CREATE TABLE dogs (id bigint PRIMARY KEY, owner_id bigint NOT NULL REFERENCES owners, name text NOT NULL,
                   breed text NOT NULL REFERENCES breeds, born date NOT NULL, chip varchar(15) NOT NULL UNIQUE);
CREATE TABLE licences (id bigint PRIMARY KEY, dog_id bigint NOT NULL REFERENCES dogs, year int NOT NULL,
                       tag varchar(10) NOT NULL, paid boolean NOT NULL, issued date NOT NULL, UNIQUE (dog_id, year));
INSERT INTO breeds VALUES ('beagle', false), ('collie', false), ('dachshund', false), ('mixed', false), ('poodle', false),
                          ('retriever', false), ('terrier', false), ('mastiff', true), ('bulldog', true);
INSERT INTO owners SELECT i, 'Owner ' || i, (ARRAY['Elm Street','Mill Lane','High Street','Station Road'])[1 + i % 4] || ' ' || 1 + i % 140,
       i % 60 = 0 FROM generate_series(1, 61000) i;
INSERT INTO dogs SELECT i, 1 + (i::bigint * 7919) % 61000, (ARRAY['Rex','Bella','Luna','Max','Nero','Kira'])[1 + i % 6],
       (ARRAY['beagle','collie','dachshund','mixed','poodle','retriever','terrier','mastiff','bulldog'])[1 + i % 9],
       date '2012-01-01' + i % 4500, '276' || lpad(i::text, 12, '0') FROM generate_series(1, 80000) i;
INSERT INTO licences SELECT d * 10 + y, d, 2016 + y, 'T' || lpad((d * 13 % 80021)::text, 6, '0'), (d + y) % 17 > 0,
       make_date(2016 + y, 1 + (d % 12), 1 + d % 28) FROM generate_series(0, 9) y, generate_series(1, 80000) d;
CREATE INDEX ON dogs (owner_id);
CREATE INDEX ON licences (year, paid);

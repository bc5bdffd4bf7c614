-- In PostgreSQL's types: see dialect.py.

create table sign_in (
    id serial not null primary key,
    person_id integer not null,
    token_hash text not null,
    way text not null,
    browser text not null,
    at bigint not null,
    proved_at bigint not null,
    seen_at bigint not null,
    foreign key (person_id) references person (id) on delete cascade
);
create index sign_in_person_id on sign_in (person_id);
create unique index sign_in_token_hash on sign_in (token_hash);

-- Codes count for ten minutes: those on their way are asked for anew.
drop table sign_in_code;
create table sign_in_code (
    id serial not null primary key,
    email text not null,
    known text not null,
    seed text not null,
    digits integer not null,
    browser text not null,
    zone text not null,
    tries integer not null,
    expires_at bigint not null,
    used_at bigint
);
create index sign_in_code_email_known on sign_in_code (email, known);
create index sign_in_code_seed on sign_in_code (seed);
create index sign_in_code_browser on sign_in_code (browser);

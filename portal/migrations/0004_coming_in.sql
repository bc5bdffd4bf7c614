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

alter table person add column passkey_declined_at bigint;

create table passkey (
    id serial not null primary key,
    person_id integer not null,
    credential_id text not null,
    public_key text not null,
    sign_count bigint not null,
    transports text not null,
    name text not null,
    made_at bigint not null,
    used_at bigint,
    foreign key (person_id) references person (id) on delete cascade
);
create index passkey_person_id on passkey (person_id);
create unique index passkey_credential_id on passkey (credential_id);

create table challenge (
    challenge_hash text not null primary key,
    browser text not null,
    expires_at bigint not null
);
create index challenge_expires_at on challenge (expires_at);

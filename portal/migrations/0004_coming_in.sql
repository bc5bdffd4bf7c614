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

alter table mentor add column photo text not null default '';

create table photo (
    id serial not null primary key,
    person_id integer not null,
    hash text not null,
    content bytea not null,
    at bigint not null,
    foreign key (person_id) references person (id) on delete cascade
);
create index photo_hash on photo (hash);
create unique index photo_person_id_hash on photo (person_id, hash);

create table invitation (
    id serial not null primary key,
    mailbox text not null,
    email text not null,
    name text not null,
    as_mentor boolean not null,
    by_id integer,
    at bigint not null,
    came_at bigint,
    foreign key (by_id) references person (id) on delete set null
);
create unique index invitation_mailbox on invitation (mailbox);
create index invitation_by_id on invitation (by_id);
create index invitation_at on invitation (at);

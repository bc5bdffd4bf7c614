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
alter table hold add column person_id integer references person (id) on delete cascade;
create index hold_person_id on hold (person_id);

update outbox set words = '{}' where state in ('sent', 'skipped', 'discarded') and kind <> 'availability/still_good';

create table audit (
    id serial not null primary key,
    at bigint not null,
    what text not null,
    person_id integer,
    by_person boolean not null,
    about_id integer,
    thing text not null,
    detail text not null,
    foreign key (person_id) references person (id) on delete set null,
    foreign key (about_id) references person (id) on delete set null
);
create index audit_at on audit (at);
create index audit_person_id on audit (person_id);
create index audit_about_id on audit (about_id);
create index audit_what on audit (what);
create index audit_thing on audit (thing);

create table report (
    id serial not null primary key,
    kind text not null,
    thing text not null,
    reporter_id integer,
    person_id integer,
    mentor_id integer,
    session_id integer,
    reason text not null,
    words text not null,
    text text not null,
    at bigint not null,
    decided_at bigint,
    foreign key (reporter_id) references person (id) on delete set null,
    foreign key (person_id) references person (id) on delete cascade,
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    foreign key (session_id) references session (id) on delete set null,
    check (reason in ('unwelcome', 'impostor', 'selling', 'unsafe', 'else'))
);
create unique index report_one_open on report (reporter_id, thing) where (decided_at is null);
create index report_reporter_id on report (reporter_id);
create index report_person_id on report (person_id);
create index report_mentor_id on report (mentor_id);
create index report_session_id on report (session_id);
create index report_decided_at_at on report (decided_at, at);

alter table person add column passkey_declined_at bigint;
alter table person add column suspended_at bigint;

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

alter table person add column by_claim boolean not null default false;

create table identity (
    id serial not null primary key,
    person_id integer not null,
    issuer text not null,
    subject text not null,
    at bigint not null,
    used_at bigint not null,
    foreign key (person_id) references person (id) on delete cascade
);
create index identity_person_id on identity (person_id);
create unique index identity_issuer_subject on identity (issuer, subject);

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

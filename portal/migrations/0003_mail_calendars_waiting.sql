-- In PostgreSQL's types: see dialect.py.

drop index outbox_key;
drop index outbox_sent_at_due_at;
alter table outbox add column subject text not null default '';
alter table outbox add column version text not null default '';
alter table outbox add column next_at bigint not null default 0;
alter table outbox add column state text not null default 'waiting'
    check (state in ('waiting', 'sent', 'skipped', 'dead', 'discarded'));
update outbox set subject = key, next_at = due_at;
update outbox set state = 'dead' where sent_at is null and tries >= 8;
update outbox set state = 'sent' where sent_at is not null;
alter table outbox drop column key;
create unique index outbox_subject_recipient_kind_version on outbox (subject, recipient, kind, version);
create index outbox_state_next_at on outbox (state, next_at);

create table unwanted (
    recipient text not null,
    kind text not null,
    at bigint not null,
    primary key (recipient, kind)
);

create table round (
    name text not null primary key,
    until bigint not null
);

alter table session add column revised_at bigint not null default 0;
update session set revised_at = coalesce(cancelled_at, created_at);

create table reminder (
    session_id integer not null,
    start bigint not null,
    hours integer not null,
    at bigint not null,
    is_late boolean not null,
    is_told boolean not null,
    primary key (session_id, start, hours),
    foreign key (session_id) references session (id) on delete cascade
);

create table feed (
    person_id integer not null primary key,
    seed text not null,
    since bigint not null,
    foreign key (person_id) references person (id) on delete cascade
);
create unique index feed_seed on feed (seed);

alter table hold add column held_at bigint not null default 0;
update hold set held_at = expires_at - 600;

alter table availability add column confirmed_at bigint not null default 0;
alter table availability add column asked_at bigint;
alter table availability add column is_lapsed boolean not null default false;
alter table availability add column busy_base bigint not null default 0;
alter table availability add column busy bytea not null default '';
create index availability_confirmed_at on availability (confirmed_at);

create table busy_calendar (
    mentor_id integer not null primary key,
    url text not null,
    etag text not null,
    due_at bigint not null,
    fetched_at bigint,
    good_at bigint,
    failures integer not null,
    problem text not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade
);
create index busy_calendar_due_at on busy_calendar (due_at);

create table watch (
    id serial not null primary key,
    person_id integer not null,
    mentor_id integer,
    expertise_id integer,
    length integer not null,
    part text not null,
    since bigint not null,
    foreign key (person_id) references person (id) on delete cascade,
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    foreign key (expertise_id) references expertise (id) on delete cascade,
    check ((mentor_id is null) <> (expertise_id is null)),
    check (length in (0, 15, 30, 60)),
    check (part in ('', 'mornings', 'afternoons', 'evenings', 'weekend'))
);
create unique index watch_person_id_mentor_id on watch (person_id, mentor_id);
create unique index watch_person_id_expertise_id on watch (person_id, expertise_id);
create index watch_mentor_id on watch (mentor_id);
create index watch_expertise_id on watch (expertise_id);

create table offer (
    id serial not null primary key,
    ref text not null,
    person_id integer not null,
    watch_id integer,
    mentor_id integer not null,
    start bigint not null,
    length integer not null,
    hold_ref text not null,
    expires_at bigint not null,
    outcome text not null,
    foreign key (person_id) references person (id) on delete cascade,
    foreign key (watch_id) references watch (id) on delete set null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    check (outcome in ('open', 'booked', 'passed', 'unused', 'gone'))
);
create unique index offer_ref on offer (ref);
create unique index offer_hold_ref on offer (hold_ref);
create unique index offer_one_open on offer (person_id) where outcome = 'open';
create index offer_person_id_mentor_id_start on offer (person_id, mentor_id, start);
create index offer_watch_id on offer (watch_id);
create index offer_mentor_id on offer (mentor_id);
create index offer_outcome_expires_at on offer (outcome, expires_at);

create table saved_mentor (
    person_id integer not null,
    mentor_id integer not null,
    at bigint not null,
    primary key (person_id, mentor_id),
    foreign key (person_id) references person (id) on delete cascade,
    foreign key (mentor_id) references mentor (person_id) on delete cascade
);
create index saved_mentor_mentor_id on saved_mentor (mentor_id);

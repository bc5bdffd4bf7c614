-- In PostgreSQL's types: see dialect.py.

alter table person add column paused_until bigint;
alter table availability add column closed_until text not null default '';

alter table session add column moves integer not null default 0;
alter table session add column move_request text not null default '';
alter table session add column context text not null default '';
alter table session add column questions_at bigint not null default 0;
update session set questions_at = created_at;

create table block (
    person_id integer not null,
    blocked_id integer not null,
    at bigint not null,
    primary key (person_id, blocked_id),
    foreign key (person_id) references person (id) on delete cascade,
    foreign key (blocked_id) references person (id) on delete cascade
);
create index block_blocked_id on block (blocked_id);

create table attendance (
    session_id integer not null,
    person_id integer not null,
    late_at bigint,
    absent_at bigint,
    objection text not null,
    reviewed_at bigint,
    primary key (session_id, person_id),
    foreign key (session_id) references session (id) on delete cascade,
    foreign key (person_id) references person (id) on delete cascade
);
create index attendance_person_id_absent_at on attendance (person_id, absent_at);
create index attendance_absent_at on attendance (absent_at);

create table teammate (
    id serial not null primary key,
    session_id integer not null,
    email text not null,
    question text not null,
    invited_at bigint not null,
    left_at bigint,
    foreign key (session_id) references session (id) on delete cascade
);
create index teammate_email on teammate (email);
create unique index teammate_session_id_email on teammate (session_id, email);

create table preparation (
    session_id integer not null primary key,
    read_at bigint,
    line text not null,
    links text not null,
    ready_at bigint,
    ready_by_id integer,
    foreign key (session_id) references session (id) on delete cascade,
    foreign key (ready_by_id) references person (id) on delete set null
);
create index preparation_ready_by_id on preparation (ready_by_id);

create table message (
    id serial not null primary key,
    key text not null,
    session_id integer not null,
    person_id integer,
    text text not null,
    at bigint not null,
    foreign key (session_id) references session (id) on delete cascade,
    foreign key (person_id) references person (id) on delete set null
);
create unique index message_key on message (key);
create index message_person_id on message (person_id);
create index message_session_id_id on message (session_id, id);

create table reading (
    session_id integer not null,
    person_id integer not null,
    message integer not null,
    seen_at bigint not null,
    primary key (session_id, person_id),
    foreign key (session_id) references session (id) on delete cascade,
    foreign key (person_id) references person (id) on delete cascade
);
create index reading_person_id on reading (person_id);

create table follow_up (
    session_id integer not null primary key,
    done_at bigint,
    asked_at bigint,
    helped text,
    helped_at bigint,
    foreign key (session_id) references session (id) on delete cascade,
    check (helped in ('yes', 'partly', 'no'))
);

create table wish (
    session_id integer not null,
    person_id integer not null,
    again boolean not null,
    at bigint not null,
    primary key (session_id, person_id),
    foreign key (session_id) references session (id) on delete cascade,
    foreign key (person_id) references person (id) on delete cascade
);
create index wish_person_id on wish (person_id);

create table certificate (
    code text not null primary key,
    mentor_id integer not null,
    name text not null,
    sessions integer not null,
    minutes integer not null,
    reached integer not null,
    since bigint not null,
    issued_at bigint not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade
);
create index certificate_mentor_id on certificate (mentor_id);

-- All tables of the first version, in PostgreSQL's types: see dialect.py.

create table outbox (
    id serial not null primary key,
    kind text not null,
    key text not null,
    recipient text not null,
    zone text not null,
    words text not null,
    created_at bigint not null,
    due_at bigint not null,
    tries integer not null,
    error text,
    sent_at bigint
);
create unique index outbox_key on outbox (key);
create index outbox_sent_at_due_at on outbox (sent_at, due_at);

create table person (
    id serial not null primary key,
    email text not null,
    name text not null,
    headline text not null,
    time_zone text not null,
    is_coordinator boolean not null,
    created_at bigint not null
);
create unique index person_email on person (email);

create table sign_in_code (
    id serial not null primary key,
    email text not null,
    seed text not null,
    browser text not null,
    zone text not null,
    tries integer not null,
    expires_at bigint not null,
    used_at bigint
);
create unique index sign_in_code_seed on sign_in_code (seed);
create index sign_in_code_browser on sign_in_code (browser);

create table sign_in_link (
    id serial not null primary key,
    person_id integer not null,
    token_hash text not null,
    expires_at bigint not null,
    used_at bigint,
    foreign key (person_id) references person (id) on delete cascade
);
create index sign_in_link_person_id on sign_in_link (person_id);
create unique index sign_in_link_token_hash on sign_in_link (token_hash);

create table mentor (
    person_id integer not null primary key,
    slug text not null,
    status text not null,
    version integer not null,
    name text not null,
    headline text not null,
    about text not null,
    pronouns text not null,
    kinds text not null,
    languages text not null,
    formats text not null,
    video_link text not null,
    phone text not null,
    place text not null,
    published_at bigint,
    topic_names text not null,
    headline_stems text not null,
    about_stems text not null,
    foreign key (person_id) references person (id) on delete cascade,
    check (status in ('applying', 'published', 'hidden'))
);
create unique index mentor_slug on mentor (slug);

create table revision (
    id serial not null primary key,
    mentor_id integer not null,
    status text not null,
    version integer not null,
    content text not null,
    reason text not null,
    submitted_at bigint,
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    check (status in ('draft', 'submitted', 'changes_asked', 'approved', 'rejected'))
);
create index revision_mentor_id on revision (mentor_id);
create unique index revision_one_open on revision (mentor_id) where (status in ('draft', 'submitted', 'changes_asked'));

create table expertise (
    id serial not null primary key,
    name text not null,
    kind text not null,
    status text not null,
    check (status in ('listed', 'proposed', 'retired'))
);
create unique index expertise_name on expertise (name);

create table alias (
    key text not null primary key,
    expertise_id integer not null,
    text text not null,
    foreign key (expertise_id) references expertise (id) on delete cascade
);
create index alias_expertise_id on alias (expertise_id);

create table mentor_expertise (
    mentor_id integer not null,
    expertise_id integer not null,
    position integer not null,
    primary key (mentor_id, expertise_id),
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    foreign key (expertise_id) references expertise (id) on delete cascade
);
create index mentor_expertise_mentor_id on mentor_expertise (mentor_id);
create index mentor_expertise_expertise_id on mentor_expertise (expertise_id);
create index mentor_expertise_expertise_id_mentor_id on mentor_expertise (expertise_id, mentor_id);

create table edition (
    name text not null primary key,
    number integer not null
);

create table availability (
    mentor_id integer not null primary key,
    time_zone text not null,
    lengths text not null,
    notice integer not null,
    gap integer not null,
    horizon integer not null,
    weekly_cap integer,
    paused_until text not null,
    base bigint not null,
    hours bytea not null,
    expand_at bigint not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    check (notice between 0 and 10080),
    check (gap in (0, 15, 30, 45, 60)),
    check (horizon between 1 and 56),
    check (weekly_cap is null or weekly_cap between 1 and 50)
);
create index availability_expand_at on availability (expand_at);

create table weekly_hours (
    id serial not null primary key,
    mentor_id integer not null,
    weekday integer not null,
    starts integer not null,
    ends integer not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    check (weekday between 0 and 6),
    check (starts >= 0 and ends <= 1440 and starts < ends),
    check (starts / 15 * 15 = starts and ends / 15 * 15 = ends)
);
create index weekly_hours_mentor_id on weekly_hours (mentor_id);

create table days_off (
    id serial not null primary key,
    mentor_id integer not null,
    first text not null,
    last text not null,
    note text not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade
);
create index days_off_mentor_id on days_off (mentor_id);

create table extra_hours (
    id serial not null primary key,
    mentor_id integer not null,
    date text not null,
    starts integer not null,
    ends integer not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    check (starts >= 0 and ends <= 1440 and starts < ends),
    check (starts / 15 * 15 = starts and ends / 15 * 15 = ends)
);
create index extra_hours_mentor_id on extra_hours (mentor_id);

create table hold (
    id serial not null primary key,
    ref text not null,
    holder text not null,
    mentor_id integer not null,
    start bigint not null,
    length integer not null,
    draft text not null,
    expires_at bigint not null,
    is_released boolean not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade
);
create unique index hold_ref on hold (ref);
create index hold_holder on hold (holder);
create index hold_mentor_id on hold (mentor_id);
create index hold_is_released_expires_at on hold (is_released, expires_at);

create table claim (
    person_id integer not null,
    quarter bigint not null,
    hold_id integer,
    session integer,
    begins boolean not null,
    primary key (person_id, quarter),
    foreign key (person_id) references person (id) on delete cascade,
    foreign key (hold_id) references hold (id) on delete cascade
);
create index claim_person_id on claim (person_id);
create index claim_hold_id on claim (hold_id);
create index claim_session on claim (session);

create table openings (
    mentor_id integer not null,
    length integer not null,
    is_shortest boolean not null,
    notice integer not null,
    horizon integer not null,
    base bigint not null,
    starts bytea not null,
    next bigint not null,
    stale_at bigint not null,
    load integer not null,
    primary key (mentor_id, length),
    foreign key (mentor_id) references mentor (person_id) on delete cascade
);
create index openings_mentor_id on openings (mentor_id);
create index openings_stale_at on openings (stale_at);
create index openings_length_next_load_mentor_id on openings (length, next, load, mentor_id);
create index openings_is_shortest_next_load_mentor_id on openings (is_shortest, next, load, mentor_id);

create table session (
    id serial not null primary key,
    ref text not null,
    hold_ref text not null,
    mentor_id integer not null,
    mentee_id integer not null,
    start bigint not null,
    length integer not null,
    kind text not null,
    format text not null,
    objective text not null,
    questions text not null,
    link text not null,
    sequence integer not null,
    created_at bigint not null,
    cancelled_at bigint,
    cancelled_by_id integer,
    cancel_reason text not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade,
    foreign key (mentee_id) references person (id) on delete cascade,
    foreign key (cancelled_by_id) references person (id) on delete set null
);
create unique index session_ref on session (ref);
create unique index session_hold_ref on session (hold_ref);
create index session_mentor_id on session (mentor_id);
create index session_mentee_id on session (mentee_id);
create index session_cancelled_by_id on session (cancelled_by_id);
create index session_mentee_id_start on session (mentee_id, start);
create index session_mentor_id_start on session (mentor_id, start);
create index session_start on session (start);

create table session_event (
    id serial not null primary key,
    session_id integer not null,
    person_id integer,
    what text not null,
    at bigint not null,
    foreign key (session_id) references session (id) on delete cascade,
    foreign key (person_id) references person (id) on delete set null
);
create index session_event_session_id on session_event (session_id);
create index session_event_person_id on session_event (person_id);

create table rating (
    session_id integer not null primary key,
    reached text not null,
    stars integer not null,
    next_step text not null,
    line text not null,
    line_status text not null,
    thank_you text not null,
    created_at bigint not null,
    foreign key (session_id) references session (id) on delete cascade,
    check (stars between 1 and 5),
    check (reached in ('yes', 'partly', 'no')),
    check (line_status in ('none', 'waiting', 'shown', 'refused'))
);
create index rating_line_status on rating (line_status);

create table standing (
    mentor_id integer not null primary key,
    ratings integer not null,
    stars integer not null,
    reached integer not null,
    foreign key (mentor_id) references mentor (person_id) on delete cascade
);

create table asked (
    week text not null,
    need text not null,
    asker text not null,
    offered boolean not null,
    soon boolean not null,
    primary key (week, need, asker)
);

create table decision (
    id serial not null primary key,
    subject text not null,
    subject_id integer not null,
    about text not null,
    what text not null,
    reason text not null,
    coordinator_id integer not null,
    at bigint not null,
    foreign key (coordinator_id) references person (id)
);
create index decision_coordinator_id on decision (coordinator_id);
create index decision_subject_subject_id on decision (subject, subject_id);

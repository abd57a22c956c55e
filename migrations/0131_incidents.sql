-- What was stopped and why, and the patients to look back on.
create table incident (
  tenant_id text not null collate "C",
  id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  scope text not null collate "C",
  -- person, criterion, hard-stop, feed, health
  cause text not null,
  reason text not null,
  -- From when on nobody vouches for what it did.
  known_good_at timestamptz not null,
  opened_at timestamptz not null,
  opened_by text not null,
  -- Decisions that were held back and given to people.
  held int not null,
  closed_at timestamptz,
  closed_by text,
  -- What was learned, and the test or metric that now watches for it.
  learned text,
  watched_by text,
  primary key (tenant_id, id)
);
create index incident_open on incident (tenant_id, automation) where closed_at is null;
select guard('incident', 'select, insert, update');

create table look_back (
  tenant_id text not null collate "C",
  incident text not null collate "C",
  patient text not null collate "C",
  decisions text[] not null,
  task text not null collate "C",
  reviewed_at timestamptz,
  reviewed_by text,
  -- no-harm, corrected, harm
  finding text,
  note text,
  primary key (tenant_id, incident, patient)
);
create index look_back_task on look_back (tenant_id, task);
select guard('look_back', 'select, insert, update');

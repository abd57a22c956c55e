-- Automations: their frozen versions, what each may do where, who signed for it, and every decision they were asked for.
create table automation (
  tenant_id text not null collate "C",
  id text not null collate "C",
  -- The version that answers; whoever changes what an automation may do locks this row, whoever lets an answer take effect shares it.
  active_version int not null,
  -- A later version that only looks on, until it is promoted.
  candidate_version int,
  primary key (tenant_id, id)
);
select guard('automation', 'select, insert, update');

-- Frozen from its publishing on: the app role may not change a row.
create table automation_version (
  tenant_id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  source text not null,
  definition jsonb not null,
  -- SHA-256 of the source.
  artefact_hash text not null,
  note text not null,
  published_at timestamptz not null,
  published_by text not null,
  primary key (tenant_id, automation, version)
);
select guard('automation_version', 'select, insert');

-- What a version may do now, by scope. Without a row: off.
create table automation_standing (
  tenant_id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  -- The scope as canonical JSON, so that one scope has one row.
  scope text not null collate "C",
  level text not null,
  since timestamptz not null,
  primary key (tenant_id, automation, version, scope)
);
select guard('automation_standing');

-- How healthy a version's model is held to be, as the level it allows; no row: nothing is known against it.
create table automation_health (
  tenant_id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  level text not null,
  reason text not null,
  at timestamptz not null,
  primary key (tenant_id, automation, version)
);
select guard('automation_health');

-- What shows that a level is safe, until a date.
create table automation_evidence (
  tenant_id text not null collate "C",
  id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  scope text not null collate "C",
  -- The highest level it counts for.
  supports text not null,
  kind text not null,
  summary jsonb not null,
  until timestamptz not null,
  at timestamptz not null,
  by_account text not null,
  by_name text not null,
  primary key (tenant_id, id)
);
create index automation_evidence_of on automation_evidence (tenant_id, automation, version);
select guard('automation_evidence', 'select, insert');

-- A rise that was asked for, and its signatures.
create table automation_rise (
  tenant_id text not null collate "C",
  id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  scope text not null collate "C",
  level text not null,
  evidence text collate "C",
  reason text not null,
  asked_at timestamptz not null,
  asked_by text not null,
  -- open, done, dropped
  status text not null,
  primary key (tenant_id, id)
);
create index automation_rise_open on automation_rise (tenant_id, automation) where status = 'open';
select guard('automation_rise', 'select, insert, update');

create table automation_signature (
  tenant_id text not null collate "C",
  rise text not null collate "C",
  -- clinical, technical
  side text not null,
  account text not null collate "C",
  name text not null,
  at timestamptz not null,
  primary key (tenant_id, rise, side)
);
select guard('automation_signature', 'select, insert');

-- All that ever happened to an automation: published, asked, signed, risen, fallen, promoted, stopped.
create table automation_event (
  tenant_id text not null collate "C",
  id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  kind text not null,
  at timestamptz not null,
  by_name text not null,
  data jsonb not null,
  primary key (tenant_id, id)
);
create index automation_event_of on automation_event (tenant_id, automation, id);
select guard('automation_event', 'select, insert');

-- A question that a journey's `decide` step asked, what the automation made of it, and what a person did with that. The id is the
-- effect's key, and the id of the Task by which the step is answered.
create table automation_decision (
  tenant_id text not null collate "C",
  id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  -- The later version that only looked on.
  candidate int,
  journey text not null collate "C",
  -- pathway/step
  step text not null collate "C",
  patient text not null collate "C",
  trigger text not null collate "C",
  asked_at timestamptz not null,
  -- What a scope is held against: site, department, acuity …
  circumstances jsonb not null,
  -- Answers that the step knows.
  gives text[] not null,
  -- name → {value, from, at}
  inputs jsonb not null,
  -- SHA-256 of names and values.
  inputs_hash text not null,
  -- waiting, proposed, handed, acted, answered, withdrawn
  status text not null,
  -- The level that counted when it took effect, and what held it there.
  level text,
  because text,
  -- Why it went to a person without a proposal.
  handed text,
  settled_at timestamptz,
  -- When the patient's care was first touched by it: it acted, or a person saw what it proposes.
  touched_at timestamptz,
  -- When a person took the task, and what came of it.
  taken_at timestamptz,
  answered_at timestamptz,
  answered_by text,
  answer text,
  -- accepted, edited, answered (there was no proposal), ignored
  disposition text,
  note text,
  reversed_at timestamptz,
  reversed_by text,
  reversed_to text,
  reversed_why text,
  -- A person's judgement that the automation should have left more to people.
  conservative boolean,
  primary key (tenant_id, id)
);
create index automation_decision_waiting on automation_decision (tenant_id, automation) where status in ('waiting', 'proposed');
create index automation_decision_of on automation_decision (tenant_id, automation, asked_at);
create index automation_decision_patient on automation_decision (tenant_id, patient);
create index automation_decision_touched on automation_decision (tenant_id, automation, touched_at) where touched_at is not null;
select guard('automation_decision', 'select, insert, update');

-- What a version would say, whether or not it may. Written by the role below and by nobody else.
create table automation_opinion (
  tenant_id text not null collate "C",
  decision text not null collate "C",
  version int not null,
  -- {gives, confidence, rule, score}; null when it has none.
  output jsonb,
  -- Why it has none.
  silence text,
  at timestamptz not null,
  primary key (tenant_id, decision, version)
);
select guard('automation_opinion', 'select');

-- Every automation thinks under this role, whatever its level: it reads what it was asked, writes what it would say, and nothing
-- else. What it says becomes an effect in another transaction only, by the app role, after its authority was read there.
grant select on automation_version, automation_decision, automation_opinion to throughline_shadow;
grant insert on automation_opinion to throughline_shadow;

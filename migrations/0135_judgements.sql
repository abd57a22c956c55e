-- What people say of cases in which a version that only looked on said otherwise, without being told which answer was whose.
create table automation_adjudication (
  tenant_id text not null collate "C",
  decision text not null collate "C",
  -- The version whose answer was held against the one that counted.
  version int not null,
  -- version, other, both, neither
  prefers text not null,
  why text,
  at timestamptz not null,
  by_account text not null collate "C",
  by_name text not null,
  primary key (tenant_id, decision, version)
);
select guard('automation_adjudication', 'select, insert');

-- What a client says that showed an answer as a card: accepted or overridden, and why.
create table automation_feedback (
  tenant_id text not null collate "C",
  id text not null collate "C",
  decision text not null collate "C",
  -- accepted, overridden
  outcome text not null,
  suggestions text[] not null,
  -- {system, code, display} of the reason for an override.
  reason jsonb,
  comment text,
  -- When the client says it happened, and when it was told here.
  happened_at timestamptz not null,
  at timestamptz not null,
  by_name text not null,
  primary key (tenant_id, id)
);
create index automation_feedback_of on automation_feedback (tenant_id, decision);
select guard('automation_feedback', 'select, insert');

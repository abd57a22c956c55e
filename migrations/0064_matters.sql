-- What waits for somebody although no task may say so, kept true in the transaction that writes the resources concerned.
create table matter (
  tenant_id text not null collate "C",
  -- referrals, results, no-next-step, unreachable, messages
  list text not null collate "C",
  -- The resource that waits.
  type text not null collate "C",
  id text not null collate "C",
  patient text not null collate "C",
  -- 0 stat, 1 asap, 2 urgent, 3 routine.
  rank smallint not null,
  -- When somebody should have seen to it. A list that begins only then shows what is due before now.
  due timestamptz not null,
  -- From when it waits: what answered an older version answers this one no more.
  since timestamptz not null,
  open boolean not null,
  primary key (tenant_id, list, type, id)
);
create index matter_open on matter (tenant_id, list, rank, due, type, id) where open;
select guard('matter');

-- By which references a matter is answered: its own, and what it is based on.
create table matter_about (
  tenant_id text not null collate "C",
  reference text not null collate "C",
  list text not null collate "C",
  type text not null collate "C",
  id text not null collate "C",
  primary key (tenant_id, reference, list, type, id)
);
create index matter_about_of on matter_about (tenant_id, list, type, id);
select guard('matter_about');

-- What other resources say of a reference: a visit is booked, a result came, a reply was sent, somebody dealt with it.
create table matter_fact (
  tenant_id text not null collate "C",
  reference text not null collate "C",
  -- visit, result, done, reply, reached; of a patient: care (something is open), planned (a visit until `at`).
  kind text not null collate "C",
  -- The resource that says it.
  said_by text not null collate "C",
  at timestamptz not null,
  primary key (tenant_id, reference, kind, said_by)
);
create index matter_fact_said on matter_fact (tenant_id, said_by);
select guard('matter_fact');

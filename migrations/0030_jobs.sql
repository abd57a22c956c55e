-- Durable work on the outside world. A payload holds references only, never patient data.
create table job (
  tenant_id text not null collate "C",
  id text not null collate "C",
  kind text not null,
  -- What a receiver uses to drop a second delivery of the same effect.
  key text not null collate "C",
  payload jsonb not null,
  status text not null default 'queued' check (status in ('queued', 'done', 'dead', 'discarded')),
  attempts int not null default 0,
  run_at timestamptz not null,
  -- A worker that dies leaves its job locked until then; afterwards another takes it.
  locked_until timestamptz,
  errors jsonb not null default '[]',
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, key)
);
create index job_due on job (tenant_id, run_at) where status = 'queued';
create index job_dead on job (tenant_id, ended_at) where status = 'dead';
select guard('job');

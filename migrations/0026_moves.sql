-- Moving running journeys to another version of their pathway: what was planned, whom it concerns, and the journal of it.
create table journey_move (
  tenant_id text not null collate "C",
  id text not null collate "C",
  pathway text not null collate "C",
  from_version int not null,
  to_version int not null,
  status text not null check (status in ('draft', 'approved', 'running', 'paused', 'stopped')),
  note text not null,
  mapping jsonb not null,
  made_by text not null,
  made_at timestamptz not null,
  -- Accounts that wrote it: none of them may approve it.
  writers text[] not null,
  approved_by text,
  approved_at timestamptz,
  primary key (tenant_id, id)
);
create index journey_move_of_pathway on journey_move (tenant_id, pathway, made_at desc);
select guard('journey_move', 'select, insert, update');

create table journey_move_cohort (
  tenant_id text not null collate "C",
  move text not null collate "C",
  n int not null,
  cohort jsonb not null,
  at timestamptz not null,
  by_name text not null,
  journeys int not null,
  primary key (tenant_id, move, n)
);
select guard('journey_move_cohort', 'select, insert');

-- One journey of a move: how it stands, and once it was moved how it stood before, what the move wrote into the record
-- (with the former version of each resource), and how it stood after: what an undo goes by.
create table journey_move_row (
  tenant_id text not null collate "C",
  move text not null collate "C",
  journey text not null collate "C",
  bucket smallint not null,
  cohort int not null,
  status text not null check (status in ('waiting', 'later', 'ask', 'moved', 'kept', 'undoing', 'undone', 'not-undone', 'failed')),
  -- Lines of its log when it was last looked at: it is looked at again when there are more.
  seen int not null default 0,
  -- What a person said of it.
  decision text check (decision in ('keep', 'move')),
  reasons jsonb not null default '[]',
  at timestamptz,
  state_before text,
  state_after text,
  effects jsonb,
  written jsonb,
  primary key (tenant_id, move, journey)
);
create index journey_move_row_to_do on journey_move_row (tenant_id, status, bucket) where status in ('waiting', 'later', 'undoing');
create index journey_move_row_status on journey_move_row (tenant_id, move, status, journey);
select guard('journey_move_row', 'select, insert, update');

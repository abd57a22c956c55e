-- Percent of the time at work that is for tasks.
alter table staff_post add column capacity int not null default 100;

-- Files of people, licences, times or panels: read, shown, and taken whole or not at all.
create table staff_import (
  tenant_id text not null collate "C",
  id text not null collate "C",
  what text not null check (what in ('people', 'licences', 'shifts', 'panel', 'fhir')),
  -- What the file is called.
  name text not null,
  state text not null check (state in ('reading', 'ready', 'faulty', 'writing', 'done', 'undoing', 'undone', 'failed')),
  -- The file, until it was taken or refused for good.
  content text,
  -- Of the resources as they would be: what was shown is what is written.
  digest text,
  -- Of the present state: how many of how many.
  done int not null default 0,
  total int not null default 0,
  -- {"new", "changed", "same"}; after undoing also {"back", "stay"}.
  counts jsonb not null default '{}',
  -- [{"line", "column", "code", "message"}], the first of them; fault_count has all.
  faults jsonb not null default '[]',
  fault_count int not null default 0,
  -- Whoever brought it, in whose name it goes on.
  actor jsonb not null,
  made_at timestamptz not null,
  primary key (tenant_id, id)
);
create index staff_import_made on staff_import (tenant_id, made_at desc, id);
select guard('staff_import');

-- What each line would do.
create table staff_import_line (
  tenant_id text not null collate "C",
  import text not null collate "C",
  line int not null,
  about text not null,
  act text not null check (act in ('new', 'changed', 'same')),
  -- [{"what", "from", "to"}]
  changes jsonb not null,
  primary key (tenant_id, import, line)
);
select guard('staff_import_line');

-- What was written, by which it can be undone.
create table staff_import_write (
  tenant_id text not null collate "C",
  import text not null collate "C",
  n int not null,
  -- Type/id.
  resource text not null collate "C",
  version int not null,
  primary key (tenant_id, import, n)
);
select guard('staff_import_write');

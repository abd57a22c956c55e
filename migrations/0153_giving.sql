-- Whether tasks of a kind are given to a person as soon as they are made; without a row the library says it. Append only: the
-- newest row of a kind and role counts.
create table work_giving (
  tenant_id text not null collate "C",
  n bigint generated always as identity,
  kind text not null collate "C",
  -- In whose queue they would stand; '' for any that has no row of its own.
  role text not null collate "C",
  given boolean not null,
  set_by text not null,
  set_at timestamptz not null,
  primary key (tenant_id, kind, role, n)
);
select guard('work_giving', 'select, insert');

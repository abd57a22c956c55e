-- What a version was fitted to, and how it did on cases it had not seen. The coefficients stand in the version itself.
create table automation_training (
  tenant_id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  at timestamptz not null,
  by_name text not null,
  -- Numbers of cases and how well they were foretold; no patient.
  report jsonb not null,
  primary key (tenant_id, automation, version)
);
select guard('automation_training', 'select, insert');

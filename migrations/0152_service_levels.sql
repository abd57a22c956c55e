-- Service levels as a clinic has set them, one row a version, each holding for tasks made from its moment on until the next
-- begins. Before the first the library's hold. A row is never changed, but one that lies ahead may be taken back.
create table service_levels (
  tenant_id text not null collate "C",
  version int not null,
  from_at timestamptz not null,
  -- The policies in their order: [{"id", "title", "for", "goal", "atRisk", "calendar", "longestPause", "ladder"}], in minutes and percent.
  policies jsonb not null,
  note text not null,
  made_by text not null,
  made_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (tenant_id, version)
);
select guard('service_levels');

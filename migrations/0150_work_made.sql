-- Every task of a kind that was ever made, open or not: what the demand is learned from. Tasks that were made before this
-- table stand in it once they are written again.
create table work_made (
  tenant_id text not null collate "C",
  -- Of the Task.
  id text not null collate "C",
  kind text not null collate "C",
  -- Where the patient is: US-NY; '' when their address does not say.
  jurisdiction text not null collate "C",
  -- In whose queue it first stood; '' for anybody's.
  role text not null collate "C",
  at timestamptz not null,
  primary key (tenant_id, id)
);
create index work_made_at on work_made (tenant_id, at);
select guard('work_made');

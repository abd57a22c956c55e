-- What decides who may see what: the tenant's policy, and the facts that its rules go by. Only comparisons that PostgreSQL
-- calls leakproof are asked of these tables (see 0010), so references stand whole in one column: `Patient/…`.

-- A tenant's policy. The newest version is in force; an older one comes back by being published again.
create table access_policy (
  tenant_id text not null collate "C",
  version int not null,
  source text not null,
  definition text not null,
  note text not null,
  published_at timestamptz not null,
  published_by text not null,
  primary key (tenant_id, version)
);
select guard('access_policy', 'select, insert');

-- Which form of the facts below this tenant has whole. Until it is the program's own, patients' data is closed.
create table access_state (
  tenant_id text not null collate "C",
  built int not null,
  primary key (tenant_id)
);
select guard('access_state');

-- Whose record a resource is in, one row a patient. A patient that a later version names no more stays as `former`: the
-- older versions are about them still. A deleted resource keeps its rows for the same reason.
create table access_subject (
  tenant_id text not null collate "C",
  type text not null collate "C",
  id text not null collate "C",
  patient text not null collate "C",
  former boolean not null default false,
  primary key (tenant_id, type, id, patient)
);
select guard('access_subject');

-- Sensitivity labels: what meta.security says, and what the policy concludes from codes. The labels of a Patient count for
-- the whole record and stand a second time under the empty type, with the patient's reference as id.
create table access_label (
  tenant_id text not null collate "C",
  type text not null collate "C",
  id text not null collate "C",
  label text not null collate "C",
  former boolean not null default false,
  primary key (tenant_id, type, id, label)
);
select guard('access_label');

-- Who stands in which relationship to a patient, by whom it is said (`source`), and until when.
create table access_relation (
  tenant_id text not null collate "C",
  who text not null collate "C",
  patient text not null collate "C",
  kind text not null collate "C",
  source text not null collate "C",
  until timestamptz,
  primary key (tenant_id, who, patient, kind, source)
);
create index access_relation_source on access_relation (tenant_id, source);
select guard('access_relation');

-- In what else a person acts: their PractitionerRoles and the organisations of those.
create table access_member (
  tenant_id text not null collate "C",
  member text not null collate "C",
  stands_for text not null collate "C",
  source text not null collate "C",
  until timestamptz,
  primary key (tenant_id, member, stands_for, source)
);
create index access_member_source on access_member (tenant_id, source);
select guard('access_member');

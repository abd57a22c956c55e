-- What routing must know of people, kept true in the transaction that writes a Practitioner or a PractitionerRole.
create table staff (
  tenant_id text not null collate "C",
  -- Of the Practitioner.
  id text not null collate "C",
  name text not null,
  -- {"credentials": [{"id", "from", "until"}], "languages": ["fr"]}; times in milliseconds.
  card jsonb not null,
  primary key (tenant_id, id)
);
select guard('staff');

-- A row for each place where a qualification is a licence.
create table licence (
  tenant_id text not null collate "C",
  practitioner text not null collate "C",
  -- Place in Practitioner.qualification, and among the places of that one.
  n int not null,
  credential text not null collate "C",
  jurisdiction text not null collate "C",
  number text,
  status text not null,
  from_at timestamptz not null,
  -- The first moment at which it holds no more.
  until_at timestamptz,
  compact text collate "C",
  excludes text[] not null,
  primary key (tenant_id, practitioner, n)
);
create index licence_ends on licence (tenant_id, until_at) where until_at is not null;
select guard('licence');

-- A PractitionerRole: skills and sites that somebody has for some time.
create table staff_post (
  tenant_id text not null collate "C",
  id text not null collate "C",
  practitioner text not null collate "C",
  skills text[] not null,
  sites text[] not null,
  from_at timestamptz not null,
  until_at timestamptz,
  primary key (tenant_id, id)
);
create index staff_post_of on staff_post (tenant_id, practitioner);
select guard('staff_post');

-- What an open task asks of whoever does it. A task without a kind of the ontology has no row.
create table work_need (
  tenant_id text not null collate "C",
  id text not null collate "C",
  kind text not null collate "C",
  -- Where the patient is: US-NY; '' when their address does not say.
  jurisdiction text not null collate "C",
  minutes int not null,
  primary key (tenant_id, id)
);
create index work_need_at on work_need (tenant_id, jurisdiction, kind);
select guard('work_need');

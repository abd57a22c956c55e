-- Bulk transfers: what was asked, how far it is, and the NDJSON itself in parts. A part and the place up to which it goes are
-- written in one transaction, so that whoever goes on after a crash neither repeats nor leaves out a line; and as the parts
-- are rows, any node serves them.
create table fhir_transfer (
  tenant_id text not null collate "C",
  id text not null collate "C",
  kind text not null check (kind in ('export', 'import', 'upload')),
  status text not null check (status in ('running', 'done', 'failed')),
  request jsonb not null,
  owner jsonb not null,
  owner_id text not null collate "C",
  url text not null,
  -- Writers that were at work when it was asked for have an id below this one; the first page waits for them.
  horizon text not null,
  as_of timestamptz not null,
  place jsonb not null default '{}',
  done bigint not null default 0,
  total bigint,
  error text,
  created_at timestamptz not null,
  ended_at timestamptz,
  expires_at timestamptz,
  primary key (tenant_id, id)
);
create index fhir_transfer_owner on fhir_transfer (tenant_id, owner_id) where status = 'running';
select guard('fhir_transfer');

create table fhir_transfer_file (
  tenant_id text not null collate "C",
  transfer text not null collate "C",
  file int not null,
  role text not null,
  type text not null collate "C",
  source text,
  lines bigint not null default 0,
  bytes bigint not null default 0,
  parts int not null default 0,
  primary key (tenant_id, transfer, file)
);
select guard('fhir_transfer_file');

create table fhir_transfer_part (
  tenant_id text not null collate "C",
  transfer text not null collate "C",
  file int not null,
  part int not null,
  content text not null,
  primary key (tenant_id, transfer, file, part)
);
select guard('fhir_transfer_part');

-- How far the files of an import by command have been read that was ended in the middle; a file that has changed since is
-- another one.
create table fhir_import_mark (
  tenant_id text not null collate "C",
  source text not null collate "C",
  line bigint not null,
  primary key (tenant_id, source)
);
select guard('fhir_import_mark');

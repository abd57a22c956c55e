-- Who did and saw what. The app role may add rows and read them; it can change and remove none.
create table audit_event (
  tenant_id text not null collate "C",
  id text not null collate "C",
  -- Order of insertion; gaps are ordinary (a transaction that was rolled back).
  seq bigint generated always as identity,
  -- A FHIR R4 AuditEvent, kept as text so that its bytes, and so its hash, never change.
  content text not null,
  primary key (tenant_id, id)
);
create index audit_event_order on audit_event (tenant_id, seq);
select guard('audit_event', 'select, insert');

-- The chain over the events: link n hashes link n-1 and the bytes of one event.
create table audit_link (
  tenant_id text not null collate "C",
  link bigint not null,
  event text not null collate "C",
  event_seq bigint not null,
  hash text not null,
  primary key (tenant_id, link),
  unique (tenant_id, event)
);
select guard('audit_link', 'select, insert');

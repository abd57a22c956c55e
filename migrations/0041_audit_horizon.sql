-- An event becomes visible at its commit, perhaps long after events with later numbers were linked. The transaction that
-- wrote it tells exactly which events can still come late; a number does not (an import writes for minutes).
alter table audit_event add column written_in xid8 not null default '0'::xid8;
alter table audit_event alter column written_in set default pg_current_xact_id();
create index audit_event_written on audit_event (tenant_id, written_in, seq);

-- Whatever was written in a transaction below this one was linked when the link was made.
alter table audit_link add column horizon xid8 not null default '0'::xid8;

-- What lists of a million open tasks read: the few that matter most for a patient, and those without an owner, in their order.
drop index work_item_patient;
create index work_item_around on work_item (tenant_id, patient, (owner is null), rank, due, id) where open;
create index work_item_past on work_item (tenant_id, patient) where not open;
create index work_item_unowned on work_item (tenant_id, rank, (coalesce(due, 'infinity'::timestamptz)), id) where open and owner is null;

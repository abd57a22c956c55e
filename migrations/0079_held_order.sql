-- What the people of a role hold, in the order of its queue: the open tasks of a role are both of them, merged. What of it is
-- at risk is told from those rows, so that no index of its own is needed.
drop index work_item_held;
drop index work_item_at_risk;
create index work_item_held on work_item (tenant_id, role, rank, (coalesce(due, 'infinity'::timestamptz)), id) where open and owner is not null;

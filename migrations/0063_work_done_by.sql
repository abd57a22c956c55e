-- What a person has done, newest first: without it their list reads what everybody has done.
create index work_item_done_by on work_item (tenant_id, owner, updated_at desc, id desc) where not open and owner is not null;
